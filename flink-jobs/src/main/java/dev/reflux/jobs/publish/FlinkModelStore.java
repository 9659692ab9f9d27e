package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.ModelStore;
import dev.reflux.jobs.files.WholeFile;
import java.io.IOException;
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
        return WholeFile.write(new Path(folder, name), model);
    }

    @Override
    public byte[] read(String uri) throws IOException {
        return WholeFile.read(new Path(uri));
    }
}
