package dev.reflux.jobs.files;

import java.io.IOException;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** A file of any file system that Flink knows, read and written at once. */
public final class WholeFile {

    private WholeFile() {}

    /**
     * Writes the file beside its place and moves it there: a reader sees the old one or the new one, whole.
     *
     * @return where it is, as a full URI
     */
    public static String write(Path place, byte[] bytes) throws IOException {
        Path beside = place.suffix(".part");
        FileSystem files = place.getFileSystem();
        try (FSDataOutputStream out = files.create(beside, FileSystem.WriteMode.OVERWRITE)) {
            out.write(bytes);
        } catch (IOException e) {
            files.delete(beside, false);
            throw e;
        }
        if (!files.rename(beside, place) && !(files.delete(place, false) && files.rename(beside, place))) {
            throw new IOException(beside + " was written but cannot be renamed to " + place);
        }
        return place.makeQualified(files).toUri().toString();
    }

    public static byte[] read(Path place) throws IOException {
        try (FSDataInputStream in = place.getFileSystem().open(place)) {
            return in.readAllBytes();
        }
    }
}
