/** Runs in a thread of its own: parses the index it is given and sends back the entries, or what was wrong. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../base/errors.ts';
import { parseChartIndex } from './chart-index.ts';

try {
  parentPort?.postMessage({ entries: parseChartIndex(workerData as string) });
} catch (error) {
  parentPort?.postMessage({ error: messageOf(error) });
}
