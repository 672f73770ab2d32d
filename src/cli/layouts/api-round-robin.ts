import { head, type Layout } from './layout.ts';

/** The API of a Kubernetes control plane behind one name (the RKE2 runbook), with dead servers taken out. */
export const apiRoundRobin: Layout = {
  name: 'api-round-robin',
  summary: {
    en: 'A Kubernetes API behind one DNS name: all healthy control plane hosts are answered',
    zh: 'Kubernetes API 位于一个域名之后：返回所有健康的控制平面主机',
  },
  render: (say) => `${head(say, 'my-cluster')}
# ${say('An odd number, so that a majority remains when one is lost.', '使用奇数台，失去一台后仍有多数派。')}
hosts:
  control-1: 192.0.2.85
  control-2: 192.0.2.86
  control-3: 192.0.2.87

endpoints:
  api:
    # ${say('In the certificate of every server (RKE2: tls-san).', '须写入每台服务器的证书（RKE2:tls-san）。')}
    name: api.example.com
    # ${say('The address of this machine that clients and other name servers ask.', '本机供客户端及其他域名服务器查询的地址。')}
    driver: { kind: dns-embedded, listen: [192.0.2.84] }
    policy: all-healthy
    members: [control-1, control-2, control-3]
    # ${say('RKE2 joins nodes on 9345 and serves the API on 6443: a host must answer on both.', 'RKE2 在 9345 接受节点注册，在 6443 提供 API：两者都须可用。')}
    probes:
      - { kind: tcp, name: join, port: 9345 }
      - { kind: tcp, name: api, port: 6443 }
    interval: 1s
    timeout: 1s
    ttl: 5s
`,
};
