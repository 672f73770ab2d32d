/** In which order a user is let in: each key file, the agent, the password, the password typed at a prompt. */
import type { AnyAuthMethod, AuthHandlerMiddleware } from 'ssh2';
import type { Secret } from '../base/secret.ts';
import { HostError } from './host-error.ts';
import type { Identity } from './ssh-identity.ts';

export interface Credentials {
  readonly user: string;
  readonly identities: readonly Identity[];
  /** Whether somebody asked for these identities: then a missing one is worth a word. */
  readonly identitiesNamed: boolean;
  /** Path of the agent's socket. */
  readonly agent?: string | undefined;
  readonly password?: Secret | undefined;
}

/** The course of one login. */
export interface Login {
  readonly handler: AuthHandlerMiddleware;
  /** To be told by the client: an agent that cannot be reached is no end. */
  onAgentError(message: string): void;
  /** What to say when the server has let nobody in. */
  failure(host: string, got?: string): HostError;
}

type Method = 'publickey' | 'password' | 'keyboard-interactive';
interface Attempt {
  readonly method: Method;
  readonly label: string;
  readonly auth: AnyAuthMethod;
}

/** How ssh2 is told that nothing is left to try; its types do not know it. */
const NOTHING_LEFT = false as unknown as AnyAuthMethod;

/** Prepares one login. A fresh one is needed for each connection: it remembers what was tried. */
export function openLogin(credentials: Credentials): Login {
  let waiting = attemptsOf(credentials);
  let last: Attempt | undefined;
  const tried: string[] = [];
  const notes = notesOf(credentials);
  let allowed: readonly string[] | undefined;
  return {
    handler(methodsLeft, isPartialSuccess, next) {
      // Before its first answer the server has not said what it takes (ssh2 gives null then).
      const left = methodsLeft as readonly string[] | null;
      if (left !== null) allowed = left;
      if (last?.method === 'password' && !isPartialSuccess && left?.includes('password')) {
        // The same wrong password at the prompt would only count twice towards a locked account.
        waiting = waiting.filter(({ method }) => method !== 'keyboard-interactive');
      }
      const index = waiting.findIndex(({ method }) => left === null || left.includes(method));
      const attempt = index < 0 ? undefined : waiting.splice(index, 1)[0];
      last = attempt;
      if (attempt === undefined) {
        next(NOTHING_LEFT);
        return;
      }
      tried.push(attempt.label);
      next(attempt.auth);
    },
    onAgentError: (message) => notes.push(`agent: ${message}`),
    failure: (host, got) => authFailed(host, credentials, { tried, notes, allowed, got }),
  };
}

function attemptsOf({ user, identities, agent, password }: Credentials): Attempt[] {
  const attempts: Attempt[] = [];
  for (const identity of identities) {
    if (!('key' in identity)) continue;
    const auth = { type: 'publickey', username: user, key: identity.key } as unknown as AnyAuthMethod;
    attempts.push({ method: 'publickey', label: `key ${identity.path}`, auth });
  }
  if (agent !== undefined && agent !== '') {
    attempts.push({ method: 'publickey', label: 'agent', auth: { type: 'agent', username: user, agent } });
  }
  if (password !== undefined) {
    const value = password.reveal();
    attempts.push({
      method: 'password',
      label: `password ${password}`,
      auth: { type: 'password', username: user, password: value },
    });
    attempts.push({
      method: 'keyboard-interactive',
      label: `prompt, answered with ${password}`,
      auth: { type: 'keyboard-interactive', username: user, prompt: answerPrompts(value) },
    });
  }
  return attempts;
}

type Prompt = Extract<AnyAuthMethod, { type: 'keyboard-interactive' }>['prompt'];

/** Answers hidden prompts of the first round with the password; a server that goes on asking wants something else. */
function answerPrompts(password: string): Prompt {
  let isFirst = true;
  return (_name, _instructions, _language, prompts, finish) => {
    finish(prompts.map((prompt) => (isFirst && prompt.echo === false ? password : '')));
    isFirst = false;
  };
}

function notesOf({ identities, identitiesNamed }: Credentials): string[] {
  return identities.flatMap((identity) => {
    if ('key' in identity || (identity.isMissing && !identitiesNamed)) return [];
    return [`key ${identity.path}: ${identity.unusable}`];
  });
}

interface Course {
  readonly tried: readonly string[];
  readonly notes: readonly string[];
  readonly allowed: readonly string[] | undefined;
  readonly got: string | undefined;
}

function authFailed(host: string, { user, password }: Credentials, course: Course): HostError {
  const { tried, notes, allowed, got } = course;
  const said = got ?? (allowed === undefined ? undefined : `the server takes ${allowed.join(', ')}`);
  const parts = [
    tried.length === 0 ? 'nothing to try' : `tried ${tried.join(', ')}`,
    ...(said === undefined ? [] : [said]),
    ...notes,
  ];
  return new HostError({
    code: 'host/auth-failed',
    host,
    message: `cannot log in as ${user}`,
    expected: `one of the keys or the password to let ${user} in`,
    got: parts.join('; '),
    hint: hintFor(user, tried, notes, allowed, password),
  });
}

function hintFor(
  user: string,
  tried: readonly string[],
  notes: readonly string[],
  allowed: readonly string[] | undefined,
  password: Secret | undefined,
): string {
  if (notes.length > 0 && tried.length === 0) return `Mend this first: ${notes[0]}.`;
  if (tried.length === 0) {
    return 'Name a key (`identity`), a password by reference (`password: env:NAME`), or start ssh-agent and add a key.';
  }
  const takesPassword = allowed?.some((method) => method !== 'publickey') ?? false;
  if (takesPassword && password !== undefined) {
    return `Check the user and the value behind ${password.reference}, by logging in with \`ssh ${user}@…\`; a try too many may have locked the account (\`faillock --user ${user}\` on the host).`;
  }
  if (takesPassword) {
    return `Put the public key into ~${user}/.ssh/authorized_keys there, or give a password by reference (\`password: env:NAME\`).`;
  }
  return `Put the public key into ~${user}/.ssh/authorized_keys there (0600, owned by ${user}); \`journalctl -u sshd\` on the host says why it refused.`;
}
