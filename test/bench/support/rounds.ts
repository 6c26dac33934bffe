// Rounds and what they give: every round measures every subject once, in turn, so that what else the machine does meets all alike;
// a ratio is taken within a round first, and the median of the rounds' ratios is the figure. Counterparts: suite.ts, report.ts.
import type { Sample, Suite } from './suite.ts'

/** What was measured in one cell: per subject, one sample a round; null where the subject failed in that round. */
export interface CellResult {
  readonly cell: string
  readonly samples: Readonly<Record<string, readonly (Sample | null)[]>>
}

/** The middle value; NaN of none. Of an even number the mean of the two in the middle. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A metric's values in the rounds that gave one. */
export const valuesOf = (result: CellResult, subject: string, metric: string): number[] =>
  (result.samples[subject] ?? []).flatMap((sample) => sample?.[metric] ?? [])

/** The rounds' ratios of one subject to another, of the rounds in which both gave a value. */
export const ratiosOf = (result: CellResult, subject: string, base: string, metric: string): number[] =>
  (result.samples[subject] ?? []).flatMap((sample, round) => {
    const value = sample?.[metric]
    const peer = result.samples[base]?.[round]?.[metric]
    return value === undefined || peer === undefined || peer === 0 ? [] : [value / peer]
  })

/** Runs the rounds of one cell. Subjects begin in another order each round: none always follows the same one. */
export const runCell = async (
  suite: Suite,
  cell: string,
  subjects: readonly string[],
  rounds: number,
  measure: (subject: string, cell: string) => Promise<Sample>,
  told: (line: string) => void,
): Promise<CellResult> => {
  const samples: Record<string, (Sample | null)[]> = Object.fromEntries(subjects.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const said: string[] = []
    for (const i of subjects.keys()) {
      const subject = subjects[(i + round) % subjects.length]!
      const sample = await measure(subject, cell).catch((error: unknown) => {
        told(`${subject} failed: ${error instanceof Error ? error.message : String(error)}`)
        return null
      })
      samples[subject]!.push(sample)
      const [headline] = suite.metrics
      said.push(`${subject} ${sample?.[headline!.name]?.toFixed(headline!.digits) ?? 'failed'}`)
    }
    told(`${suite.name} ${cell}, round ${round + 1} of ${rounds}: ${said.join(', ')}`)
  }
  return { cell, samples }
}
