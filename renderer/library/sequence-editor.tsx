// One sequence: its name and target, its steps, and the runner that shows live how each step went. Counterparts:
// step-row.tsx, sequence-run.ts, sequences-panel.tsx, drafts.ts (keeps what is not saved).
import { Play, Plus, Square } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RunInfo } from '../../preload/contract/runs.ts'
import { type Sequence, type SequenceStep, stepKinds } from '../../preload/contract/workspace.ts'
import { useCommands } from '../link/link.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { useViewing } from '../stores/viewing.ts'
import { changeWorkspace } from '../stores/workspace.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { formatDuration } from '../ui/format.ts'
import { ErrorMark } from '../ui/marks.tsx'
import { ActionMenu } from '../workbench/action-menu.tsx'
import { sameJson, sequenceDrafts, useDrafts } from './drafts.ts'
import { placeOf, startSequence, stepProblem, useLastRun } from './sequence-run.ts'
import { newStep, StepRow } from './step-row.tsx'
import { TargetChoice } from './target-choice.tsx'

/** A run tells of these steps as long as they are the same ones. */
const tellsOf = (run: RunInfo, steps: readonly SequenceStep[]): boolean =>
  run.steps.length === steps.length && run.steps.every(({ kind }, i) => kind === steps[i]!.kind)

const RunLine = ({ run }: { readonly run: RunInfo }) => {
  const { t } = useTranslation()
  const passed = run.steps.filter(({ state }) => state === 'passed').length
  return (
    <p className="run-line" role="status">
      <span className={run.state}>{t(`library.runState.${run.state}`)}</span>
      <span className="dim data">
        {passed} / {run.steps.length}
        {run.endedAt === null ? '' : `, ${formatDuration(run.endedAt - run.startedAt)}`}
      </span>
      <span className="cut data">{run.message}</span>
    </p>
  )
}

export const SequenceEditor = ({ sequence, close }: { readonly sequence: Sequence; close(): void }) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const live = useViewing((state) => state.file === null)
  const run = useLastRun(sequence.id)
  const value = useDrafts(sequenceDrafts).get(sequence.id)?.value ?? sequence
  const [failure, setFailure] = useState<string | null>(null)
  // Where it runs follows what is connected.
  const place = useEndpoints((facts) => placeOf(value, facts), sameJson)
  const problems = value.steps.map(stepProblem)
  const right = value.steps.length > 0 && problems.every((problem) => problem === null)
  const changed = !sameJson(value, sequence)
  const running = run?.state === 'running'
  const shown = run !== null && tellsOf(run, value.steps) ? run : null

  const set = (change: Partial<Sequence>) => {
    setFailure(null)
    sequenceDrafts.change(sequence, change)
  }
  const setStep = (at: number, step: SequenceStep) =>
    set({ steps: value.steps.map((other, i) => (i === at ? step : other)) })
  const move = (at: number, by: -1 | 1) => {
    const steps = [...value.steps]
    const [step] = steps.splice(at, 1)
    if (step !== undefined) steps.splice(at + by, 0, step)
    set({ steps })
  }
  const save = async (): Promise<boolean> => {
    const saved = await changeWorkspace('sequences', (kept) =>
      kept.some(({ id }) => id === value.id)
        ? kept.map((other) => (other.id === value.id ? value : other))
        : [...kept, value],
    )
    if (saved.ok) sequenceDrafts.saved(value)
    else setFailure(t('library.notSaved', { message: saved.failure.message }))
    return saved.ok
  }
  const start = async () => {
    if (changed && !(await save())) return
    const started = await startSequence(commands, value)
    setFailure(started.ok ? null : started.failure.message)
  }
  return (
    <>
      <div className="sequence-head">
        <Field label={t('library.name')} maxLength={100} value={value.name} onChange={(name) => set({ name })} />
        <TargetChoice value={value.target} onChange={(target) => set({ target })} />
      </div>
      <ol className="step-list">
        {value.steps.map((step, i) => (
          <StepRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place; its fields hold no state of their own
            key={i}
            step={step}
            place={i}
            count={value.steps.length}
            problem={problems[i] ?? null}
            result={shown?.steps[i] ?? null}
            onChange={(next) => setStep(i, next)}
            onMove={(by) => move(i, by)}
            onRemove={() => set({ steps: value.steps.filter((_, other) => other !== i) })}
          />
        ))}
      </ol>
      <div className="library-bar">
        <ActionMenu
          side="top"
          align="start"
          trigger={
            <Button>
              <Plus size={14} aria-hidden="true" />
              {t('library.addStep')}
            </Button>
          }
          groups={[
            {
              entries: stepKinds.map((kind) => ({
                id: kind,
                icon: <Plus size={14} aria-hidden="true" />,
                text: t(`library.stepKind.${kind}`),
                run: () => set({ steps: [...value.steps, newStep(kind)] }),
              })),
            },
          ]}
        />
        <span className="grow" />
        <span className="dim">{changed ? t('library.unsaved') : ''}</span>
        {changed ? (
          <Button
            weight="quiet"
            onClick={() => {
              setFailure(null)
              sequenceDrafts.drop(sequence.id)
            }}
          >
            {t('library.discard')}
          </Button>
        ) : null}
        <Button weight="quiet" onClick={close}>
          {t('word.close')}
        </Button>
        <Button disabled={!changed} onClick={() => void save()}>
          {t('library.save')}
        </Button>
        {running && run !== null ? (
          <Button onClick={() => void commands.stopRun({ run: run.id })}>
            <Square size={14} aria-hidden="true" />
            {t('library.stop')}
          </Button>
        ) : (
          <Button weight="primary" disabled={!live || !right || place === null} onClick={() => void start()}>
            <Play size={14} aria-hidden="true" />
            {t('library.run')}
          </Button>
        )}
      </div>
      <p className="run-line dim">
        {place === null
          ? t('library.runNowhere')
          : t(place.connects ? 'library.runConnects' : 'library.runHelp', { target: place.name })}
      </p>
      {failure === null ? null : (
        <p className="field-error" role="alert">
          <ErrorMark />
          <span>{failure}</span>
        </p>
      )}
      {shown === null ? null : <RunLine run={shown} />}
    </>
  )
}
