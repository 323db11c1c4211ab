import { mount } from 'svelte';
import App from './App.svelte';
import { AnalysisManager } from './lib/analyses.svelte';
import { DetectorClient } from './lib/detector-client';
import { backendFromQuery } from './lib/environment';

const target = document.getElementById('app');
if (!target) {
  throw new Error('The page has no #app element.');
}

const analyses = new AnalysisManager(new DetectorClient(backendFromQuery(location.search)));

export default mount(App, { target, props: { analyses } });
