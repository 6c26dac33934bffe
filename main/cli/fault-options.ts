// `--fault`, `--replace` and `--seed` of `wireloop relay`. Counterparts: fault-words.ts (reads them), relay.ts.
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Result } from '../../preload/contract/failure.ts'
import { type Fault, type Flow, nothingInLab, type RelayLab } from '../../preload/contract/faults.ts'
import { checkLab } from '../../preload/contract/lab-check.ts'
import { parseFault, parseReplacement, type WrittenFault, type WrittenReplacement } from './fault-words.ts'

export interface FaultOptions {
  readonly fault?: readonly WrittenFault[]
  readonly replace?: readonly WrittenReplacement[]
  readonly seed?: number
}

/** The seed of the first fault where none is given. */
const defaultSeed = 1

const gathered =
  <T>(parse: (text: string) => Result<T>) =>
  (text: string, before: readonly T[] = []): readonly T[] => {
    const result = parse(text)
    if (!result.ok) throw new InvalidArgumentError(`${result.failure.message}.`)
    return [...before, result.value]
  }

const seedNumber = (text: string): number => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= 0xffff_ffff)) throw new InvalidArgumentError('Use a whole number from 0 to 4294967295.')
  return value
}

export const withFaults = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--fault <FAULT>',
        'do something to what passes: KIND[:KEY=VALUE,…][@upstream|@downstream|@both], such as latency:delay=120,jitter=30; may be given again',
      ).argParser(gathered(parseFault)),
    )
    .addOption(
      new Option(
        '--replace <RULE>',
        'replace what matches: /REGEX/TEXT/[@upstream|@downstream|@both]; may be given again',
      ).argParser(gathered(parseReplacement)),
    )
    .addOption(
      new Option('--seed <N>', 'what chance of the faults depends on; the same makes the same').argParser(seedNumber),
    )

/** A name that no other fault of its direction has. */
const freeName = (name: string, taken: readonly Fault[]): string => {
  const isTaken = (each: string) => taken.some((fault) => fault.name === each)
  if (!isTaken(name)) return name
  let n = 2
  while (isTaken(`${name}-${n}`)) n++
  return `${name}-${n}`
}

/** The part of a relay's spec that the options ask for; nothing where there are none. Ends the command where they cannot be. */
export const labFields = (command: Command, options: FaultOptions): { readonly lab?: RelayLab } => {
  if (options.fault === undefined && options.replace === undefined) return {}
  const seed = options.seed ?? defaultSeed
  const faultsOf = (flow: Flow): Fault[] => {
    const faults: Fault[] = []
    for (const [i, { flows, fault }] of (options.fault ?? []).entries()) {
      if (!flows.includes(flow)) continue
      // Each has its own chance, and the two directions of one have the same.
      const own = fault.seed ?? (seed + i) % 2 ** 32
      faults.push({ ...fault, name: fault.name ?? freeName(fault.action.kind, faults), seed: own })
    }
    return faults
  }
  const flowLab = (flow: Flow) => ({
    ...nothingInLab,
    faults: faultsOf(flow),
    replacements: (options.replace ?? []).filter(({ flows }) => flows.includes(flow)).map((each) => each.replacement),
  })
  const lab = { upstream: flowLab('upstream'), downstream: flowLab('downstream') }
  const checked = checkLab(lab)
  return checked.ok ? { lab } : command.error(`error: ${checked.failure.message}`)
}
