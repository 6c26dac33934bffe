// The bar at the foot: back, on, play, how fast, and the learner's own version. Counterparts: keys.ts (the same by
// keyboard), store.ts.
import { Pause, Pencil, Play, RotateCcw, StepBack, StepForward } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useCommands } from '../link/link.ts'
import { Button } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { edit, play, reset, runChosen, setSpeed, speeds, stepBy, stopEditing, useLessons } from './store.ts'

export const Controls = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const run = useLessons((state) => state.run)
  const at = useLessons((state) => state.at)
  const playing = useLessons((state) => state.playing)
  const speed = useLessons((state) => state.speed)
  const editing = useLessons((state) => state.editing)
  const busy = useLessons((state) => state.busy)
  const changed = useLessons((state) => state.chosen !== null && state.drafts[state.chosen] !== undefined)
  const last = (run?.steps.length ?? 0) - 1
  return (
    <div className="lesson-controls">
      <Button large disabled={at <= 0} onClick={() => stepBy(-1)}>
        <StepBack size={16} aria-hidden="true" /> {t('lessons.back')} <Kbd>,</Kbd>
      </Button>
      <Button large weight={editing ? 'raised' : 'primary'} disabled={at >= last} onClick={() => stepBy(1)}>
        <StepForward size={16} aria-hidden="true" /> {t('lessons.next')} <Kbd>.</Kbd>
      </Button>
      <Button large disabled={last < 1} onClick={play}>
        {playing ? <Pause size={16} aria-hidden="true" /> : <Play size={16} aria-hidden="true" />}
        {t(playing ? 'lessons.pause' : 'lessons.play')} <Kbd>Space</Kbd>
      </Button>
      <span className="grow" />
      <Segmented
        label={t('lessons.speed')}
        value={speed}
        choices={speeds.map((value) => ({ value, text: value }))}
        onChange={setSpeed}
      />
      {changed ? (
        <Button large disabled={busy} onClick={() => reset(commands)}>
          <RotateCcw size={16} aria-hidden="true" /> {t('lessons.reset')} <Kbd>Z</Kbd>
        </Button>
      ) : null}
      {editing ? (
        <Button
          large
          weight="primary"
          disabled={busy}
          onClick={() => {
            stopEditing()
            void runChosen(commands)
          }}
        >
          <Play size={16} aria-hidden="true" /> {t('lessons.run')} <Kbd>Ctrl Enter</Kbd>
        </Button>
      ) : (
        <>
          <Button large disabled={busy} onClick={() => void runChosen(commands)}>
            {t('lessons.rerun')} <Kbd>X</Kbd>
          </Button>
          <Button large disabled={busy} onClick={edit}>
            <Pencil size={16} aria-hidden="true" /> {t('lessons.edit')} <Kbd>E</Kbd>
          </Button>
        </>
      )}
    </div>
  )
}
