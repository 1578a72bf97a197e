import { startGallery } from './gallery.js';
import { startThemeButton } from './theme-button.js';

startThemeButton();
startGallery();
