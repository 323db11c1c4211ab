import './lib/privacy/harden';
import { mount } from 'svelte';
import App from './App.svelte';
import { AnalysisManager } from './lib/analyses.svelte';
import { DetectorClient } from './lib/detector-client';
import { backendFromQuery } from './lib/environment';
import { JobStore } from './lib/job-store';
import { offline } from './lib/privacy/offline.svelte';
import { requestLog } from './lib/privacy/request-log.svelte';

const target = document.getElementById('app');
if (!target) {
  throw new Error('The page has no #app element.');
}

requestLog.observePage();
const analyses = new AnalysisManager(
  new DetectorClient(backendFromQuery(location.search)),
  () => performance.now(),
  new JobStore(),
);
void analyses.findUnfinished();

// The development server's files are not those of a build.
if (import.meta.env.PROD) {
  void offline.start(() => analyses.list.length === 0);
}

export default mount(App, { target, props: { analyses } });
