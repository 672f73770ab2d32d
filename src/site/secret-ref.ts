/** A password is never in the site file: it is named by `env:NAME`, `file:/path` or `sealed:/path#key`. */
export type SecretRef = `env:${string}` | `file:${string}` | `sealed:${string}`;

/** Whether a text has the form of a reference (not whether it can be resolved). */
export function isSecretRef(text: string): text is SecretRef {
  return /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|sealed:.+#.+)$/.test(text);
}
