import './lib/privacy/harden';
import { mount } from 'svelte';
import StorageView from './components/privacy/StorageView.svelte';

const target = document.getElementById('app');
if (!target) {
  throw new Error('The page has no #app element.');
}

export default mount(StorageView, { target });
