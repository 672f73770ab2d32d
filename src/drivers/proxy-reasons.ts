import { defineReasons } from '../base/reason.ts';

/** Why steps around a proxy are planned. */
export const proxyReasons = defineReasons({
  'proxy/package': {
    en: '{host} passes clients of {endpoint} on with {packages}',
    zh: '{host} 通过 {packages} 转发 {endpoint} 的客户端',
  },
  'proxy/packaged-instance': {
    en: 'the package starts an instance of its own, which nobody asked for',
    zh: '软件包会自行启动一个无人需要的实例',
  },
  'proxy/folder': {
    en: 'what the proxy of {endpoint} needs has its place on the host',
    zh: '端点 {endpoint} 的代理所需内容存放于此',
  },
  'proxy/configure': {
    en: '{host} passes {ports} of {endpoint} through to {members}',
    zh: '{host} 将 {endpoint} 的端口 {ports} 透传给 {members}',
  },
  'proxy/run': {
    en: 'clients of {endpoint} come through {host}, also after a reboot',
    zh: '{endpoint} 的客户端经由 {host}，重启后亦然',
  },
  'proxy/hook': {
    en: 'a host whose proxy does not run must not own {addresses}',
    zh: '代理未运行的主机不得持有 {addresses}',
  },
});
