/** The part of the File System standard that exists in workers only, and so is not in TypeScript's DOM library. */
interface FileSystemSyncAccessHandle {
  getSize(): number;
  write(buffer: AllowSharedBufferSource, options?: { at?: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

interface FileSystemFileHandle {
  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
}
