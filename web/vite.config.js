import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// `npm run dev` talks to a running recorder; the Origin it sees must be its own, or it refuses state changes.
const recorder = process.env.PASSERBY_URL ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2020',
    // The recorder's content security policy allows no data: addresses and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    // A test reads what the recorder says in its sources.
    fs: { allow: ['.', '../src'] },
    proxy: { '/api': { target: recorder, ws: true, changeOrigin: true, headers: { origin: recorder } } },
  },
  test: { include: ['src/**/*.test.ts'], setupFiles: ['src/english.setup.ts'], env: { TZ: 'Europe/Berlin' } },
});
