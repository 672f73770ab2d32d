/** Kubeconfig files: how a program or a person gets to the API server, and as whom. */
import { stringify } from 'yaml';

export interface KubeconfigOptions {
  readonly cluster: string;
  /** `https://…` */
  readonly server: string;
  /** For people only, as `kubectl config` shows it: the user's real name is in the certificate. */
  readonly user: string;
  /** PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** The file's content, with certificate and key in it as kubeadm does: keep it 0600. */
export function kubeconfig(o: KubeconfigOptions): string {
  const context = `${o.user}@${o.cluster}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: o.cluster,
        cluster: { server: o.server, 'certificate-authority-data': base64(o.authority) },
      },
    ],
    users: [
      {
        name: o.user,
        user: { 'client-certificate-data': base64(o.certificate), 'client-key-data': base64(o.key) },
      },
    ],
    contexts: [{ name: context, context: { cluster: o.cluster, user: o.user } }],
    'current-context': context,
  });
}

function base64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
