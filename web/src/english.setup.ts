import { speak } from './lib/strings';

// What main.ts does in a browser. Tests of German call it again.
await speak('en');
