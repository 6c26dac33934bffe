// The native menu: what every app of the platform has, by role, so that its words and keys are the platform's own. What Wireloop
// does is in the page; nothing here knows of it.
import { Menu, type MenuItemConstructorOptions } from 'electron'

/** Sets the application menu. */
export const setMenu = (platform: NodeJS.Platform): void => {
  const template: MenuItemConstructorOptions[] = [
    { role: 'fileMenu' },
    { role: 'editMenu' },
    { role: 'viewMenu' },
    { role: 'windowMenu' },
    { role: 'help', submenu: [{ role: 'about' }] },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(platform === 'darwin' ? [{ role: 'appMenu' }, ...template] : template))
}
