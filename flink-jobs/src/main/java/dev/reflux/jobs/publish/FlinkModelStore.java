package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.ModelStore;
import java.io.IOException;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Models in a folder of any file system that Flink knows. */
public final class FlinkModelStore implements ModelStore {

    private final Path folder;

    /** @param folder path or URI */
    public FlinkModelStore(String folder) {
        this.folder = new Path(folder);
    }

    @Override
    public String write(String name, byte[] model) throws IOException {
        Path target = new Path(folder, name);
        Path beside = new Path(folder, name + ".part");
        FileSystem files = target.getFileSystem();
        try (FSDataOutputStream out = files.create(beside, FileSystem.WriteMode.OVERWRITE)) {
            out.write(model);
        }
        if (!files.rename(beside, target) && !(files.delete(target, false) && files.rename(beside, target))) {
            throw new IOException(
                    "model " + name + " was written to " + beside + " but cannot be renamed to " + target);
        }
        return target.makeQualified(files).toUri().toString();
    }

    @Override
    public byte[] read(String uri) throws IOException {
        Path path = new Path(uri);
        try (FSDataInputStream in = path.getFileSystem().open(path)) {
            return in.readAllBytes();
        }
    }
}
