// A vitest reporter that counts and writes its counts to a file in the folder WIRELOOP_TEST_TOTALS; silent without it.
// Counterpart: scripts/sum-totals.ts, which adds up the runs of one `npm test` for .ci/run.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node'

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/**
 * A test counts as what it came to; one that is still pending when the run ends did not pass, so it failed. A file that
 * could not be loaded, a suite whose hook failed, and an error outside every test count as one failure each: their
 * tests do not appear among the failed.
 */
export const countTotals = (modules: readonly TestModule[], unhandledErrors: readonly unknown[]): Totals => {
  let passed = 0
  let skipped = 0
  let failed = unhandledErrors.length
  for (const module of modules) {
    if (module.errors().length > 0) failed++
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed++
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') passed++
      else if (state === 'skipped') skipped++
      else failed++
    }
  }
  return { passed, failed, skipped }
}

export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[], reason: TestRunEndReason): void {
    const folder = process.env['WIRELOOP_TEST_TOTALS']
    if (!folder) return
    const totals = countTotals(modules, unhandledErrors)
    const brokenOff = reason === 'interrupted' ? 1 : 0
    writeFileSync(
      join(folder, `${process.pid}.json`),
      JSON.stringify({ ...totals, failed: totals.failed + brokenOff } satisfies Totals),
    )
  }
}
