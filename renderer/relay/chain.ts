// A relay's lab while a person edits it: faults and replacements in order, each with a key of its own, so that they can be
// moved, taken away and brought back. Pure. Counterparts: the contract's faults.ts, flow-column.tsx.
import {
  type Fault,
  type FaultKind,
  type Flow,
  type FlowLab,
  flows,
  type Intercept,
  nothingInLab,
  type RelayLab,
  type Replacement,
} from '../../preload/contract/faults.ts'
import { freshActions } from './kinds.ts'

/** One of a list; the key stays with it wherever it is moved. */
export interface Keyed<T> {
  readonly key: number
  readonly value: T
}

export interface FlowDraft {
  readonly intercept: Intercept
  readonly replacements: readonly Keyed<Replacement>[]
  readonly faults: readonly Keyed<Fault>[]
}
export type LabDraft = Readonly<Record<Flow, FlowDraft>>

let lastKey = 0
/** A key that nothing on this page has had. */
export const freshKey = (): number => ++lastKey

const keyed = <T>(values: readonly T[]): readonly Keyed<T>[] => values.map((value) => ({ key: freshKey(), value }))

const draftOfFlow = (lab: FlowLab): FlowDraft => ({
  intercept: lab.intercept,
  replacements: keyed(lab.replacements),
  faults: keyed(lab.faults),
})

export const draftOf = (lab: RelayLab | undefined): LabDraft => ({
  upstream: draftOfFlow(lab?.upstream ?? nothingInLab),
  downstream: draftOfFlow(lab?.downstream ?? nothingInLab),
})

const labOfFlow = (draft: FlowDraft): FlowLab => ({
  intercept: draft.intercept,
  replacements: draft.replacements.map(({ value }) => value),
  faults: draft.faults.map(({ value }) => value),
})

const isNothing = ({ intercept, replacements, faults }: FlowDraft): boolean =>
  !intercept.on && intercept.pattern.match === 'always' && replacements.length === 0 && faults.length === 0

/** What the draft describes; undefined where nothing is done to anything, so that the relay stays a plain one. */
export const labOf = (draft: LabDraft): RelayLab | undefined =>
  flows.every((flow) => isNothing(draft[flow]))
    ? undefined
    : { upstream: labOfFlow(draft.upstream), downstream: labOfFlow(draft.downstream) }

/** `base`, or `base-2`, `base-3`, …, whichever is free. */
const freeName = (base: string, names: readonly string[]): string => {
  if (!names.includes(base)) return base
  for (let i = 2; ; i++) if (!names.includes(`${base}-${i}`)) return `${base}-${i}`
}

/** The chain with a new fault of this kind at its end. */
export const withFault = (draft: FlowDraft, kind: FaultKind, seed: number): FlowDraft => {
  const name = freeName(
    kind,
    draft.faults.map(({ value }) => value.name),
  )
  const value: Fault = { name, on: true, toxicity: 1, seed, action: freshActions[kind], trigger: null }
  return { ...draft, faults: [...draft.faults, { key: freshKey(), value }] }
}

export const withReplacement = (draft: FlowDraft, name: string): FlowDraft => {
  const value: Replacement = {
    name: freeName(
      name,
      draft.replacements.map(({ value }) => value.name),
    ),
    on: true,
    pattern: { match: 'contains', text: '' },
    replace: '',
    notation: 'text',
  }
  return { ...draft, replacements: [...draft.replacements, { key: freshKey(), value }] }
}

/** The list with one value changed; the same list where it is not there. */
export const withChanged = <T>(list: readonly Keyed<T>[], key: number, value: T): readonly Keyed<T>[] =>
  list.map((each) => (each.key === key ? { key, value } : each))

export const without = <T>(list: readonly Keyed<T>[], key: number): readonly Keyed<T>[] =>
  list.filter((each) => each.key !== key)

/** The list with one put back at the place that it had, or at the end where the list is shorter now. */
export const withBack = <T>(list: readonly Keyed<T>[], item: Keyed<T>, index: number): readonly Keyed<T>[] =>
  list.some(({ key }) => key === item.key) ? list : list.toSpliced(Math.min(index, list.length), 0, item)

/** The list with one moved so that it stands at `to`, counted without it; out of range goes to the nearest end. */
export const withMoved = <T>(list: readonly Keyed<T>[], key: number, to: number): readonly Keyed<T>[] => {
  const item = list.find((each) => each.key === key)
  if (item === undefined) return list
  const rest = without(list, key)
  return rest.toSpliced(Math.max(0, Math.min(to, rest.length)), 0, item)
}

/** True where two faults of one chain have this name. */
export const isTwice = (faults: readonly Keyed<Fault>[], name: string): boolean =>
  faults.filter(({ value }) => value.name === name).length > 1

/** Faults that act. */
export const faultsOn = (lab: RelayLab | undefined): number =>
  lab === undefined ? 0 : flows.reduce((sum, flow) => sum + lab[flow].faults.filter((fault) => fault.on).length, 0)
