// Prints the one line that .ci/run ends with, `N passed, N failed, N skipped`, from what scripts/totals-reporter.ts left
// in a folder and the exit code of `npm test`. Exits with that code, or 1 where the two disagree.
// node scripts/sum-totals.ts FOLDER EXIT_CODE
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Totals } from './totals-reporter.ts'

const [folder, exitText] = process.argv.slice(2)
if (folder === undefined || exitText === undefined) throw new Error('usage: sum-totals.ts FOLDER EXIT_CODE')
const exitCode = Number(exitText)

const sum = { passed: 0, failed: 0, skipped: 0 }
for (const file of readdirSync(folder)) {
  const totals: Totals = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  sum.passed += totals.passed
  sum.failed += totals.failed
  sum.skipped += totals.skipped
}

if (exitCode !== 0 && sum.failed === 0) {
  console.log(`No test failed, but npm test ended with ${exitCode}: see the lint, the types or the run above.`)
  sum.failed = 1
}
if (sum.passed + sum.failed === 0) {
  console.log('No test ran.')
  sum.failed = 1
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
process.exit(exitCode !== 0 ? exitCode : sum.failed > 0 ? 1 : 0)
