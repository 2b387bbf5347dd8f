import { hrefOf, parseRoute, type Route } from './route';

class Router {
  route = $state<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => (this.route = parseRoute(location.hash)));
  }

  go(route: Route): void {
    location.hash = hrefOf(route);
  }

  /** Writes where we are into the address without a new step in the history, and without a change of page. */
  note(route: Route): void {
    history.replaceState(history.state, '', hrefOf(route));
  }
}

export const router = new Router();
