// The page's entry: wears the theme, links to the app, draws. Counterparts: index.html, app.tsx.
import '@fontsource-variable/inter/index.css'
import '@fontsource-variable/jetbrains-mono/index.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/app.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'
import { App } from './app.tsx'
import { settleSelection } from './event-log/step.ts'
import { i18n } from './i18n/index.ts'
import { createLink } from './link/link.ts'
import { wearTheme } from './settings/theme.ts'
import { followLog } from './stores/log-counts.ts'
import { sampleRates } from './stores/rates.ts'

wearTheme()
followLog()
settleSelection()
sampleRates()
const link = createLink()

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no #root to draw into')
createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={i18n}>
      <App link={link} />
    </I18nextProvider>
  </StrictMode>,
)
