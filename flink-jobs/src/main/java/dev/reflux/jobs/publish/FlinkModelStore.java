package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.ModelStore;
import dev.reflux.jobs.files.WholeFile;
import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Models in a folder of any file system that Flink knows; nothing outside of it is read. */
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
    public byte[] read(String uri, long size) throws IOException {
        Path path = inside(uri);
        return ModelStore.readAtMost(path.getFileSystem().open(path), size);
    }

    @Override
    public void delete(String uri) throws IOException {
        Path path = inside(uri);
        FileSystem files = path.getFileSystem();
        if (!files.delete(path, false) && files.exists(path)) {
            throw new IOException("model " + uri + " cannot be deleted");
        }
    }

    private Path inside(String uri) throws IOException {
        Path path = new Path(uri);
        URI found = path.toUri().normalize();
        URI root = folder.makeQualified(folder.getFileSystem()).toUri().normalize();
        if (!Objects.equals(found.getScheme(), root.getScheme())
                || !Objects.equals(found.getAuthority(), root.getAuthority())
                || !found.getPath().startsWith(root.getPath() + "/")) {
            throw new IOException(
                    uri + " lies outside of " + root + "; point checkpoints.store at the folder of the models");
        }
        return path;
    }
}
