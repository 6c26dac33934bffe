// The Loop view until part 2 brings it: what it will show, in libuv's true order, and where to look until then.
import { useTranslation } from 'react-i18next'
import { phases } from '../../preload/contract/loop-columns.ts'
import { viewStore } from '../stores/view.ts'
import { Button } from '../ui/button.tsx'
import '../ui/coming.css'

const width = 360
const height = 280
const outer = 108
const inner = 80
/** Where the phases' names stand. */
const words = 124
const gap = 0.05

/** Where on the ring an angle is; 0 is at the top, turning right. */
const point = (radius: number, angle: number): string =>
  `${(width / 2 + radius * Math.sin(angle)).toFixed(2)} ${(height / 2 - radius * Math.cos(angle)).toFixed(2)}`

const arc = (i: number): string => {
  const turn = (Math.PI * 2) / phases.length
  const from = i * turn + gap / 2
  const to = (i + 1) * turn - gap / 2
  return `M${point(outer, from)}A${outer} ${outer} 0 0 1 ${point(outer, to)}L${point(inner, to)}A${inner} ${inner} 0 0 0 ${point(inner, from)}Z`
}

/** A name beside the middle of its arc, growing away from the ring. */
const place = (i: number) => {
  const angle = ((i + 0.5) * Math.PI * 2) / phases.length
  const [x, y] = point(words, angle).split(' ')
  const sideways = Math.sin(angle)
  return { x, y, textAnchor: sideways > 0.3 ? 'start' : sideways < -0.3 ? 'end' : 'middle', dy: '0.35em' } as const
}

export const LoopView = () => {
  const { t } = useTranslation()
  return (
    <div className="coming scroll">
      <div className="coming-middle">
        <svg className="coming-ring" width={width} height={height} aria-hidden="true">
          {phases.map((phase, i) => (
            <g key={phase}>
              <path d={arc(i)} />
              <text {...place(i)}>{phase}</text>
            </g>
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
    </div>
  )
}
