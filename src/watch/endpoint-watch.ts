/** One endpoint under watch: feeds events to `decide` and carries out what it says, in the only safe order. */
import { orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { type ErrorRecord, toErrorRecord } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Reason } from '../base/reason.ts';
import type { Answer, Observed, Published } from '../drivers/driver.ts';
import type { ProbeResult } from '../probes/probe.ts';
import type { Endpoint, MemberName } from '../site/model.ts';
import { decide } from './decide.ts';
import { driftOf } from './drift.ts';
import type { EndpointState } from './endpoint-state.ts';
import type { Act, Command, Reply, WatchInput } from './event.ts';
import { momentOf } from './moment.ts';
import type { Urgency } from './observe.ts';
import type { ParityResult } from './parity.ts';
import type { WatchPolicy } from './policy.ts';
import { createPublisher, type Publisher, type Target } from './publish.ts';
import { reasons } from './reasons.ts';
import type { Saver } from './saver.ts';
import { createTeller, type Teller } from './teller.ts';
import { createWarner, type Warner } from './warner.ts';
import { WatchError } from './watch-error.ts';
import type { EndpointEvent } from './watch-event.ts';

export interface EndpointWatchOptions {
  readonly endpoint: Endpoint;
  readonly policy: WatchPolicy;
  readonly state: EndpointState;
  readonly saver: Saver;
  readonly target: Target;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly emit: (event: EndpointEvent) => void;
  checkParity(candidate: string, active: string, signal: AbortSignal): Promise<ParityResult>;
}

/** What came of a command. */
export interface CommandOutcome {
  readonly outcome: Reply['outcome'];
  readonly because: Reason;
  /** Who is to answer now. */
  readonly members: readonly MemberName[];
  /** Who was to answer before: the way back. */
  readonly before: readonly MemberName[];
  /** Set where clients get the new answer. */
  readonly published?: Published;
  /** Set where it is decided and stored, but not published yet; the watcher keeps trying. */
  readonly trouble?: ErrorRecord;
}

/** How long the answer to a command waits for the publishing. */
const PUBLISH_PATIENCE_MS = 10_000;
const OBSERVE_EVERY_MS = 5_000;

/** The last result of each probe, by `member/probe`: evidence for people, not part of the decision. */
export type LastResults = ReadonlyMap<string, ProbeResult>;

export class EndpointWatch implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly policy: WatchPolicy;
  readonly #o: EndpointWatchOptions;
  readonly #publisher: Publisher;
  readonly #teller: Teller;
  readonly #warner: Warner;
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  readonly #results = new Map<string, ProbeResult>();
  #state: EndpointState;
  #commands = 0;
  #saved: Promise<unknown> = Promise.resolve();
  #publishing: Promise<Published | undefined> = Promise.resolve(undefined);
  /** Ends the waiting for a publishing that fails for good. */
  #hopeless: () => void = () => {};
  /** The answer that the driver was handed last. */
  #handed: number | undefined;
  #published: { readonly epoch: number; readonly at: number } | undefined;
  #observed: { readonly drift: Reason | undefined; readonly at: number } | undefined;

  constructor(o: EndpointWatchOptions) {
    this.#o = o;
    this.endpoint = o.endpoint;
    this.policy = o.policy;
    this.#state = o.state;
    this.#teller = createTeller(o.emit);
    this.#warner = createWarner(o.emit);
    this.#publisher = createPublisher({
      target: o.target,
      clock: o.clock,
      random: o.random,
      log: o.log,
      signal: o.signal,
      observeEveryMs: Math.max(OBSERVE_EVERY_MS, o.endpoint.intervalMs * 5),
      events: {
        published: (answer, published) => this.#onPublished(answer, published),
        failed: (answer, error, attempt) => {
          o.emit({ type: 'publish-failed', answer, error, attempt });
          if (!error.retryable) this.#hopeless();
        },
        refused: (answer, error) => this.#onRefused(answer, error),
        observed: (answer, observed) => this.#onObserved(answer, observed),
        unobserved: (_answer, error) => o.emit({ type: 'observe-failed', error }),
      },
    });
  }

  get state(): EndpointState {
    return this.#state;
  }

  get results(): LastResults {
    return this.#results;
  }

  /** The epoch that clients get now, as far as this process published it. */
  get published(): { readonly epoch: number; readonly at: number } | undefined {
    return this.#published;
  }

  get observed(): { readonly drift: Reason | undefined; readonly at: number } | undefined {
    return this.#observed;
  }

  get trouble(): ErrorRecord | undefined {
    return this.#publisher.trouble;
  }

  get unsavedSince(): number | undefined {
    return this.#o.saver.failingSince;
  }

  /**
   * Puts a restored state on disk and publishes its answer: clients are served before the first probe. Not where the hosts
   * may have moved the endpoint meanwhile: `adopt` looks first.
   */
  begin(): void {
    if (this.#state.revision === 0) return;
    this.#saved = this.#o.saver.save(this.#state);
    if (this.#state.answer !== undefined && !this.policy.hostsDecide) this.#publish(this.#state.answer);
  }

  /**
   * What clients got before there was a state, or get since the hosts have moved it. Failure to find out is no failure:
   * probes will tell. So will they where it is only what the driver answers by itself before the first publication: that
   * was nobody's choice.
   */
  async adopt(signal: AbortSignal): Promise<void> {
    const { answer } = this.#state;
    if (answer !== undefined && !this.policy.hostsDecide) return;
    await this.#lookFirst(signal);
    if (answer !== undefined && this.policy.automatic && this.#state.answer === answer) this.#publish(answer);
  }

  async #lookFirst(signal: AbortSignal): Promise<void> {
    try {
      const observed = await orAborted(this.#o.target.observe(signal), signal);
      if (observed.strangers.length > 0 || observed.unpublished === true) return;
      this.#feed({ type: 'adopted', members: observed.members, at: momentOf(this.#o.clock) });
    } catch (error) {
      this.#o.log.info('there is nothing to take over: what clients get now could not be found out', {
        endpoint: this.endpoint.name,
        error: toErrorRecord(error),
      });
    }
  }

  tick(): void {
    this.#o.saver.tryAgain(this.#state);
    this.#feed({ type: 'tick', at: momentOf(this.#o.clock) });
  }

  /** @returns how soon to look again: earlier where the verdict is in doubt */
  probed(member: string, probe: string, result: ProbeResult): Urgency {
    const before = this.#streakOf(member, probe);
    this.#results.set(`${member}/${probe}`, result);
    this.#o.emit({ type: 'probed', member, probe, result });
    this.#warner.tell(member, probe, result);
    const { status, because } = result;
    this.#feed({ type: 'probed', member, probe, status, because, at: momentOf(this.#o.clock) });
    if (this.#streakOf(member, probe) === 0) return 'usual';
    return before === 0 ? 'all-soon' : 'soon';
  }

  /**
   * Decides on a command and waits until it is stored, and published where clients do not get the answer yet: by this
   * command, or by an earlier one that the driver has not taken so far.
   */
  async command(command: Command, by: string): Promise<CommandOutcome> {
    const id = `c${++this.#commands}`;
    const before = this.#state.answer?.members ?? [];
    const replied = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.#feed({ type: 'command', id, by, command, at: momentOf(this.#o.clock) });
    const { outcome, because } = await replied;
    this.#o.emit({ type: 'command', by, verb: command.verb, outcome, because });
    await this.#saved;
    const result = { outcome, because, members: this.#state.answer?.members ?? [], before };
    if (outcome === 'refused' || !this.#isUnpublished) return result;
    const published = await this.#publishedSoon();
    if (published !== undefined) return { ...result, published };
    if (!this.#isUnpublished) return result;
    return { ...result, trouble: this.trouble ?? toErrorRecord(stillPublishing(this.endpoint.name)) };
  }

  get #isUnpublished(): boolean {
    return this.#handed !== undefined && this.#handed !== this.#published?.epoch;
  }

  /** Refuses what still waits, and stops publishing. Answers stay where they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [id, answer] of this.#waiting) {
      answer({ id, outcome: 'refused', because: reasons.of('watch/stopping') });
    }
    this.#waiting.clear();
    await this.#publisher[Symbol.asyncDispose]();
    await this.#saved;
  }

  #feed(event: WatchInput): void {
    const before = this.#state;
    const decision = decide(before, event, this.policy);
    this.#state = decision.state;
    if (decision.state.revision !== before.revision) this.#saved = this.#o.saver.save(decision.state);
    if (decision.answer !== undefined) this.#publish(decision.answer);
    this.#teller.tell(before, decision, event);
    for (const reply of decision.replies ?? []) this.#reply(reply);
    if (decision.act !== undefined) this.#act(decision.act);
  }

  #publish(answer: Answer): void {
    this.#handed = answer.epoch;
    this.#publishing = this.#publisher.submit(answer, this.#saved);
  }

  #act(act: Act): void {
    if (act.kind === 'republish') {
      if (this.#state.answer !== undefined) this.#publish(this.#state.answer);
      return;
    }
    void this.#askParity(act);
  }

  async #askParity({ ask, candidate, active }: Extract<Act, { kind: 'check-parity' }>): Promise<void> {
    try {
      const result = await this.#o.checkParity(candidate, active, this.#o.signal);
      this.#o.emit({ type: 'parity', candidate, active, ...result });
      this.#feed({ type: 'parity-known', ask, ...result, at: momentOf(this.#o.clock) });
    } catch (error) {
      if (this.#o.signal.aborted) return;
      const because = reasons.of('watch/parity-broken', { detail: toErrorRecord(error).message });
      this.#feed({ type: 'parity-known', ask, fit: false, because, at: momentOf(this.#o.clock) });
    }
  }

  #onPublished(answer: Answer, published: Published): void {
    this.#published = { epoch: answer.epoch, at: this.#o.clock.now() };
    this.#o.emit({ type: 'published', answer, published });
  }

  #onRefused(answer: Answer, error: ErrorRecord): void {
    this.#o.emit({ type: 'publish-failed', answer, error, attempt: 1 });
    const detail = error.expected ?? error.hint;
    const because = reasons.of('watch/newer-leader', { message: error.message, detail });
    this.#feed({ type: 'refused-as-older', because, at: momentOf(this.#o.clock) });
  }

  #onObserved(answer: Answer, observed: Observed): void {
    const drift = driftOf(answer, observed, this.policy.policy);
    this.#observed = { drift, at: this.#o.clock.now() };
    this.#o.emit({ type: 'observed', observed, drift });
    const { members } = observed;
    this.#feed({ type: 'observed', epoch: answer.epoch, members, drift, at: momentOf(this.#o.clock) });
  }

  #reply(reply: Reply): void {
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }

  #streakOf(member: string, probe: string): number {
    const index = this.policy.memberIndex.get(member) ?? -1;
    return this.#state.members[index]?.probes[this.policy.probeIndex.get(probe) ?? -1]?.streak ?? 0;
  }

  async #publishedSoon(): Promise<Published | undefined> {
    if (this.trouble?.retryable === false) return undefined;
    const end = new AbortController();
    this.#hopeless = () => end.abort(new Error('it cannot work by waiting'));
    const patience = this.#o.clock.sleep(PUBLISH_PATIENCE_MS, end.signal).catch(() => {});
    try {
      return (await Promise.race([this.#publishing, patience])) as Published | undefined;
    } finally {
      end.abort(new Error('answered'));
    }
  }
}

/** The first attempt takes longer than a person is kept waiting: nothing has failed yet, and nothing is proven. */
function stillPublishing(endpoint: string): WatchError {
  return new WatchError({
    code: 'watch/still-publishing',
    message: `the driver of ${endpoint} has not confirmed the answer yet`,
    expected: `that clients get it within ${PUBLISH_PATIENCE_MS} ms`,
    got: 'neither success nor an error so far',
    hint: 'Look at `holdfast status` in a moment: it says what clients get, and why not where they do not.',
  });
}
