package dev.reflux.jobs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline's earlier runs left behind to resume from, on any file system that Flink knows.
 *
 * <p>Each run has a folder of its own, named by its job id, with {@code chk-N} folders; a run that was stopped in order
 * leaves a {@code savepoint-*} folder. The one whose {@code _metadata} was written last is the newest: Flink writes that
 * file last, so a checkpoint that a kill cut short has none.
 */
public final class RetainedCheckpoints {
    private static final String METADATA = "_metadata";
    private static final int DEPTH = 2;

    private RetainedCheckpoints() {}

    /**
     * The newest complete checkpoint or savepoint below a folder, empty when there is none or no such folder.
     *
     * @throws UncheckedIOException when the folder cannot be read
     */
    public static Optional<Path> newest(Path root) {
        try {
            FileSystem files = root.getFileSystem();
            return Optional.ofNullable(newest(files, root, DEPTH))
                    .map(metadata -> metadata.getPath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("the folder of the Flink checkpoints, " + root + ", cannot be read", e);
        }
    }

    @Nullable
    private static FileStatus newest(FileSystem files, Path folder, int depth) throws IOException {
        FileStatus newest = null;
        for (FileStatus entry : list(files, folder)) {
            String name = entry.getPath().getName();
            FileStatus found = null;
            if (!entry.isDir()) {
                found = name.equals(METADATA) && entry.getLen() > 0 ? entry : null;
            } else if (depth > 0) {
                found = newest(files, entry.getPath(), depth - 1);
            }
            if (found != null && (newest == null || isLater(found, newest))) {
                newest = found;
            }
        }
        return newest;
    }

    private static FileStatus[] list(FileSystem files, Path folder) throws IOException {
        try {
            FileStatus[] entries = files.listStatus(folder);
            return entries == null ? new FileStatus[0] : entries;
        } catch (FileNotFoundException e) {
            return new FileStatus[0];
        }
    }

    /** File systems with coarse clocks give checkpoints of one run the same time; then the number decides. */
    private static boolean isLater(FileStatus one, FileStatus other) {
        if (one.getModificationTime() != other.getModificationTime()) {
            return one.getModificationTime() > other.getModificationTime();
        }
        return number(one) > number(other);
    }

    private static long number(FileStatus metadata) {
        String folder = metadata.getPath().getParent().getName();
        return folder.matches("chk-\\d{1,18}") ? Long.parseLong(folder.substring(4)) : Long.MAX_VALUE;
    }
}
