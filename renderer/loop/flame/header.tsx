// The flame timeline's head: which stretch is shown, and what changes how it is shown. Counterparts: ../view.ts,
// ../settings.ts, ../export-menu.tsx.
import { Cable, ZoomIn, ZoomOut } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { spanOf } from '../../canvas/time-scale.ts'
import { useSelection } from '../../stores/selection.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Hint } from '../../ui/hint.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { ExportMenu } from '../export-menu.tsx'
import { loopSettings, useLoopSettings } from '../settings.ts'
import { crossOver, fitAll, follow, useLoopView, zoomBy, zoomStep } from '../view.ts'

const RangeText = () => {
  const { t } = useTranslation()
  const text = useLoopView(({ range }) => {
    const decimals = Math.min(6, Math.max(1, -Math.floor(Math.log10(spanOf(range) / 10_000))))
    return t('loop.flame.range', {
      from: (range.startMs / 1000).toFixed(decimals),
      to: (range.endMs / 1000).toFixed(decimals),
    })
  })
  return <span className="flame-range data dim">{text}</span>
}

export const FlameHeader = () => {
  const { t } = useTranslation()
  const squeeze = useLoopSettings((state) => state.squeeze)
  const showOwn = useLoopSettings((state) => state.showOwn)
  const following = useSelection((state) => state.following)
  return (
    <header className="flame-header">
      <h2 className="flame-title">{t('loop.flame.title')}</h2>
      <RangeText />
      <span className="grow" />
      <Hint text={t('loop.flame.squeezeHelp')} shortcut="W">
        <Button
          weight="quiet"
          className="flame-button"
          aria-pressed={squeeze}
          onClick={() => loopSettings.getState().set({ squeeze: !squeeze })}
        >
          {t('loop.flame.squeeze')}
          <Kbd>W</Kbd>
        </Button>
      </Hint>
      <Hint text={t('loop.flame.ownHelp')} shortcut="O">
        <Button
          weight="quiet"
          className="flame-button"
          aria-pressed={showOwn}
          onClick={() => loopSettings.getState().set({ showOwn: !showOwn })}
        >
          {t('loop.flame.own')}
          <Kbd>O</Kbd>
        </Button>
      </Hint>
      <IconButton label={t('loop.flame.zoomOut')} shortcut="−" onClick={() => zoomBy(zoomStep)}>
        <ZoomOut size={14} aria-hidden="true" />
      </IconButton>
      <IconButton label={t('loop.flame.zoomIn')} shortcut="+" onClick={() => zoomBy(1 / zoomStep)}>
        <ZoomIn size={14} aria-hidden="true" />
      </IconButton>
      <Button weight="quiet" className="flame-button" onClick={fitAll}>
        {t('loop.flame.fit')}
        <Kbd>F</Kbd>
      </Button>
      <Button weight="quiet" className="flame-button" aria-pressed={following} onClick={follow}>
        {t('loop.flame.follow')}
        <Kbd>End</Kbd>
      </Button>
      <ExportMenu />
      <Button weight="raised" className="flame-button" onClick={crossOver}>
        <Cable size={14} aria-hidden="true" />
        {t('loop.flame.showOnWire')}
        <Kbd>G</Kbd>
      </Button>
    </header>
  )
}
