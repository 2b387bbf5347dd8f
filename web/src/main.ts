import { mount } from 'svelte';
import App from './App.svelte';
import { chosenLanguage } from './lib/language';
import { speak } from './lib/strings';
import './styles/tokens.css';
import './styles/base.css';

async function start(target: HTMLElement): Promise<void> {
  const language = chosenLanguage();
  await speak(language);
  document.documentElement.lang = language;
  mount(App, { target });
}

const target = document.getElementById('app');
if (target) void start(target);
