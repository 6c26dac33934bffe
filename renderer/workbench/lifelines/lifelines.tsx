// The lifelines pane: every connection as a line on one clock. Counterparts: chart.tsx, minimap.tsx, header.tsx; the event
// table below it tells the same in rows.
import './lifelines.css'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { followShown } from '../../event-log/shown.ts'
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
    </section>
  )
}
