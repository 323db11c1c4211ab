import { serveDownloads } from './serve-downloads';

// Its script's policy lets it reach the hub and the hosts that the hub keeps its files on, and nobody else.
serveDownloads();
