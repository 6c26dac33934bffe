// Two projects: `node` (unit, property and integration tests, on real sockets) and `e2e` (the built app in Chromium).
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Engine threads run from the .ts sources, and Node strips their types in WebAssembly, in each thread anew. V8 falls over now
// and then where that comes and goes in many threads of one process (nodejs/node#64500, “jit_page.has_value()”). In Node's
// compile cache the stripped code is kept: no thread strips it again, and all start faster.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile')

// How long a test waits for what is to come: a bound, never a measure. A second, vitest's own, is short on a busy machine.
const patience = { poll: { timeout: 20_000 } }

export default defineConfig({
  test: {
    reporters: ['default', './scripts/totals-reporter.ts'],
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/bench/**'],
          environment: 'node',
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: patience,
          globalSetup: ['test/support/warm-compile-cache.ts'],
          setupFiles: ['test/support/leak-check.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: patience,
          globalSetup: ['test/e2e/support/build-once.ts'],
        },
      },
    ],
  },
})
