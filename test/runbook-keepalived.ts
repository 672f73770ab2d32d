/** keepalived as the Cloudpods runbook has people set it up. */

export interface RunbookKeepalived {
  readonly state: 'MASTER' | 'BACKUP';
  readonly priority: number;
  readonly interface: string;
  readonly vip: string;
  /** Whose failure lowers the priority. Absent: the database's. */
  readonly check?: { readonly name: string; readonly command: string };
}

/** The runbook's states and priorities, by member. */
export const RUNBOOK_ROLES = {
  db1: { state: 'MASTER', priority: 100 },
  db2: { state: 'BACKUP', priority: 90 },
} as const;

/** Where the runbook puts its check, and what it is: its `nc` is bash's own here, which is no slower. */
export const RUNBOOK_CHECK = {
  path: '/etc/keepalived/chk_mysql',
  text: '#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/3306\n',
} as const;

const CHECK_MYSQL = { name: 'chk_mysql', command: RUNBOOK_CHECK.path };

/** Its keepalived.conf, without its comments, whose line breaks the page has lost. */
export function runbookConf(o: RunbookKeepalived): string {
  const { state, priority, interface: link, vip, check = CHECK_MYSQL } = o;
  return `global_defs {
router_id onecloud
}
vrrp_script ${check.name} {
script "${check.command}"
interval 1
}
vrrp_instance VI_1 {
state ${state}
interface ${link}
virtual_router_id 99
priority ${priority}
advert_int 1
authentication {
auth_type PASS
auth_pass test
}
track_script {
${check.name}
}
virtual_ipaddress {
${vip}
}
}
`;
}
