import { serveDownloads } from './serve-downloads';

// A mirror's address is the visitor's to give, so the policy of this script cannot name it: it may reach any.
serveDownloads();
