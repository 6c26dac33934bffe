// The lifelines' head: what the marks mean, which stretch is shown, and the buttons that change it. Counterpart: view.ts.
import { ZoomIn, ZoomOut } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useStore } from 'zustand'
import { spanOf, type TimeRange } from '../../canvas/time-scale.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { fitAll, lifelinesView, zoomBy, zoomStep } from './view.ts'

/** Both ends in seconds, as exact as their distance makes sensible. */
export const rangeTexts = (range: TimeRange): { readonly from: string; readonly to: string } => {
  const decimals = Math.min(6, Math.max(1, -Math.floor(Math.log10(spanOf(range) / 10_000))))
  const both = [range.startMs / 1000, range.endMs / 1000]
  const round = both.every((value) => Math.abs(value - Math.round(value)) < 0.5 * 10 ** -decimals)
  const [from, to] = both.map((value) => value.toFixed(round ? 0 : decimals))
  return { from: from!, to: to! }
}

const Legend = () => {
  const { t } = useTranslation()
  return (
    <ul className="lifelines-legend">
      <li>
        <svg width="8" height="12" aria-hidden="true">
          <path d="M1 3v8M6 5v6" stroke="var(--sent-mark)" strokeWidth="2" />
        </svg>
        {t('lifelines.sent')}
      </li>
      <li>
        <svg width="8" height="12" aria-hidden="true">
          <path d="M1 3v8M6 3v6" stroke="var(--recv-mark)" strokeWidth="2" />
        </svg>
        {t('lifelines.received')}
      </li>
      <li className="optional">
        <svg width="12" height="12" aria-hidden="true">
          <rect x=".5" y="1.5" width="11" height="9" fill="var(--sent-soft)" stroke="var(--sent-mark)" />
          <path d="m1 8 6-6M2 10l8-8M6 10l5-5" stroke="var(--sent-mark)" strokeWidth="1.25" />
        </svg>
        {t('lifelines.writingPaused')}
      </li>
      <li className="optional">
        <svg width="12" height="12" aria-hidden="true">
          <path d="M1 2.5h10v3.5H6.5L4 9.5H1z" fill="var(--life)" />
        </svg>
        {t('lifelines.eof')}
      </li>
    </ul>
  )
}

const RangeText = () => {
  const { t } = useTranslation()
  // Two strings that seldom change, of a range that changes in every frame.
  const from = useStore(lifelinesView, ({ range }) => rangeTexts(range).from)
  const to = useStore(lifelinesView, ({ range }) => rangeTexts(range).to)
  return <span className="lifelines-range dim">{t('lifelines.range', { from, to })}</span>
}

export const LifelinesHeader = () => {
  const { t } = useTranslation()
  const following = useSelection((state) => state.following)
  return (
    <header className="lifelines-header">
      <h2 className="lifelines-title">{t('lifelines.title')}</h2>
      <Legend />
      <RangeText />
      <IconButton label={t('lifelines.zoomOut')} shortcut="−" onClick={() => zoomBy(zoomStep)}>
        <ZoomOut size={14} />
      </IconButton>
      <IconButton label={t('lifelines.zoomIn')} shortcut="+" onClick={() => zoomBy(1 / zoomStep)}>
        <ZoomIn size={14} />
      </IconButton>
      <Button weight="quiet" className="lifelines-button" onClick={fitAll}>
        {t('lifelines.fit')}
        <Kbd>F</Kbd>
      </Button>
      <Button
        weight="quiet"
        className="lifelines-button"
        aria-pressed={following}
        onClick={() => selectionStore.getState().setFollowing(!following)}
      >
        {t('lifelines.follow')}
        <Kbd>End</Kbd>
      </Button>
    </header>
  )
}
