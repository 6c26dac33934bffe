// Runs each lesson many times, one after the other, and prints how often all of its claims held: anything but every time
// is a wrong claim or a bug. node test/bench/lessons-100.ts [TIMES] [NAME …]; 100 times, all lessons, unless told otherwise.
import { createLessonHost } from '../../main/lesson-host.ts'

const [times = '100', ...chosen] = process.argv.slice(2)
const runs = Number(times)
if (!(Number.isInteger(runs) && runs > 0)) throw new Error(`TIMES is a whole number above 0, not ${times}`)

const host = createLessonHost()
const names = chosen.length > 0 ? chosen : host.list().map((lesson) => lesson.name)
let missed = 0
for (const lesson of names) {
  const misses: string[] = []
  const startedAt = performance.now()
  for (let i = 0; i < runs; i++) {
    const result = await host.run({ lesson })
    if (!result.ok) throw new Error(result.failure.message)
    const { ending, error, claims } = result.value
    const notHeld = claims.filter((claim) => !claim.held).map((claim) => `${claim.text} [${claim.seen}]`)
    if (ending !== 'finished') notHeld.push(`${ending}: ${error?.message ?? ''}`)
    if (notHeld.length > 0) misses.push(`  run ${i + 1}: ${notHeld.join('; ')}`)
  }
  const meanMs = (performance.now() - startedAt) / runs
  console.log(`${lesson}: held ${runs - misses.length} of ${runs}, ${meanMs.toFixed(0)} ms a run`)
  for (const miss of misses) console.log(miss)
  missed += misses.length
}
await host.dispose()
process.exitCode = missed > 0 ? 1 : 0
