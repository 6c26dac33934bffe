// The lifelines pane: every connection as a line on one clock, and the loop below them. Counterparts: chart.tsx,
// minimap.tsx, header.tsx, loop/strip; the event table below it tells the same in rows.
import './lifelines.css'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { followShown } from '../../event-log/shown.ts'
import { LoopStrip } from '../../loop/strip/strip.tsx'
import { Chart } from './chart.tsx'
import { LifelinesHeader } from './header.tsx'
import { Minimap } from './minimap.tsx'

export const Lifelines = () => {
  const { t } = useTranslation()
  useEffect(followShown, [])
  return (
    <section className="lifelines" aria-label={t('lifelines.title')}>
      <LifelinesHeader />
      <Minimap />
      <Chart />
      <LoopStrip />
    </section>
  )
}
