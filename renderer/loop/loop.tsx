// The Loop view until part 2 brings it: what it will show, in libuv's true order, and where to look until then.
import { useTranslation } from 'react-i18next'
import { viewStore } from '../stores/view.ts'
import { Button } from '../ui/button.tsx'
import '../ui/coming.css'

/** libuv's own order, as it runs since 1.45. */
const phases = ['pending', 'idle', 'prepare', 'poll', 'check', 'closing', 'timers'] as const

const size = 224
const outer = 108
const inner = 80
const gap = 0.05

/** Where on the ring an angle is; 0 is at the top, turning right. */
const point = (radius: number, angle: number): string =>
  `${(size / 2 + radius * Math.sin(angle)).toFixed(2)} ${(size / 2 - radius * Math.cos(angle)).toFixed(2)}`

const arc = (i: number): string => {
  const turn = (Math.PI * 2) / phases.length
  const from = i * turn + gap / 2
  const to = (i + 1) * turn - gap / 2
  return `M${point(outer, from)}A${outer} ${outer} 0 0 1 ${point(outer, to)}L${point(inner, to)}A${inner} ${inner} 0 0 0 ${point(inner, from)}Z`
}

export const LoopView = () => {
  const { t } = useTranslation()
  return (
    <main className="coming scroll">
      <div className="coming-middle">
        <svg className="coming-ring" width={size} height={size} aria-hidden="true">
          {phases.map((phase, i) => (
            <path key={phase} d={arc(i)} />
          ))}
        </svg>
        <div>
          <h2>{t('coming.loopTitle')}</h2>
          <p>{t('coming.loopText')}</p>
          <h3>{t('coming.phases')}</h3>
          <ol className="coming-phases data">
            {phases.map((phase) => (
              <li key={phase}>{phase}</li>
            ))}
          </ol>
          <p>{t('coming.loopNow')}</p>
          <Button onClick={() => viewStore.getState().show('wire')}>{t('coming.back')}</Button>
        </div>
      </div>
    </main>
  )
}
