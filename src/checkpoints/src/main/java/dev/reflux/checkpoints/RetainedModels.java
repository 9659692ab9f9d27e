package dev.reflux.checkpoints;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A store that forgets: of the models written through it, the last ones stay. What was written after a mark is never
 * deleted, so that whoever marks what consumers can see leaves them a model to load. One thread at a time.
 */
public final class RetainedModels implements ModelStore {

    private final ModelStore store;
    private final int keep;
    private final List<String> uris = new ArrayList<>();
    private long written;

    /**
     * @param keep models that stay, at least 1
     * @param uris written before this store was made, the oldest first
     */
    public RetainedModels(ModelStore store, int keep, List<String> uris) {
        if (keep < 1) {
            throw new IllegalArgumentException("keep is " + keep + "; consumers need at least the newest model");
        }
        this.store = store;
        this.keep = keep;
        this.uris.addAll(uris);
        this.written = uris.size();
    }

    @Override
    public String write(String name, byte[] model) throws IOException {
        String uri = store.write(name, model);
        // written again after a recovery: it is as young as that
        uris.remove(uri);
        uris.add(uri);
        written++;
        return uri;
    }

    @Override
    public byte[] read(String uri, long size) throws IOException {
        return store.read(uri, size);
    }

    @Override
    public void delete(String uri) throws IOException {
        store.delete(uri);
        uris.remove(uri);
    }

    /** Stands for all that was written so far. */
    public long mark() {
        return written;
    }

    /** The models that are there, the oldest first. */
    public List<String> uris() {
        return List.copyOf(uris);
    }

    /**
     * Deletes models written before {@code mark}, but for the last ones of them.
     *
     * @throws IOException when one cannot be deleted; it is tried again the next time
     */
    public void prune(long mark) throws IOException {
        long after = Math.max(0, written - mark);
        while (uris.size() - after > keep) {
            delete(uris.get(0));
        }
    }
}
