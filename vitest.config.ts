import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Unit tests lie beside the source; journeys against real daemons lie in `e2e/`. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/**/*.test.ts', 'e2e/**/*.e2e.ts'],
    // Vitest leaves one core to itself, which on two cores is one file at a time; most journeys only wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
