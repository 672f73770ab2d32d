import { describe, expect, it } from 'vitest';
import { findOutages, type Sample, summarise } from './outage.ts';

const sample = (startedMs: number, endedMs: number, ok: boolean, wrongAnswer = false): Sample => ({
  startedMs,
  endedMs,
  ok,
  wrongAnswer,
});

describe('findOutages', () => {
  it('finds none where every request succeeded', () => {
    expect(findOutages([sample(0, 5, true), sample(50, 55, true)])).toEqual([]);
  });

  it('counts from the end of the last success to the end of the next one', () => {
    const samples = [
      sample(0, 5, true),
      sample(50, 300, false),
      sample(310, 560, false),
      sample(570, 580, true),
    ];

    expect(findOutages(samples)).toEqual([{ fromMs: 5, toMs: 580, failedRequests: 2 }]);
  });

  it('leaves an outage open that has not ended', () => {
    expect(findOutages([sample(0, 5, true), sample(50, 300, false)])).toEqual([
      { fromMs: 5, toMs: undefined, failedRequests: 1 },
    ]);
  });

  it('orders overlapping requests by their end', () => {
    const samples = [sample(0, 400, false), sample(100, 110, true), sample(420, 430, true)];

    expect(findOutages(samples)).toEqual([{ fromMs: 110, toMs: 430, failedRequests: 1 }]);
  });
});

describe('summarise', () => {
  it('counts only what ended inside the window', () => {
    const samples = [
      sample(0, 5, false),
      sample(50, 55, true),
      sample(100, 105, true),
      sample(200, 205, true, true),
      sample(300, 305, false),
    ];

    expect(summarise(samples, { fromMs: 100, toMs: 300 })).toEqual({
      requests: 2,
      failedRequests: 0,
      wrongAnswers: 1,
      longestOutageMs: 0,
      recovered: true,
    });
  });

  it('counts an outage whole where the last success lies before the window', () => {
    const samples = [sample(0, 90, true), sample(110, 115, false), sample(140, 150, true)];

    expect(summarise(samples, { fromMs: 100, toMs: 300 })).toMatchObject({
      failedRequests: 1,
      longestOutageMs: 60,
      recovered: true,
    });
  });

  it('says that an outage goes on at the end of the window', () => {
    const seen = summarise([sample(0, 5, true), sample(50, 90, false)], { fromMs: 0, toMs: 1_000 });

    expect(seen).toMatchObject({ longestOutageMs: 995, recovered: false });
  });
});
