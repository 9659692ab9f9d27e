package dev.reflux.distillation.quality;

import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/** How often something held: since the start, and among the last {@code window} times. */
public final class SlidingShare {

    private static final String SECTION = "sliding-share";
    private static final int VERSION = 1;

    private final byte[] ring;
    private long count;
    private long held;
    private int heldInRing;

    /** @param window times that {@link #recent()} looks back on */
    public SlidingShare(int window) {
        if (window < 1) {
            throw new IllegalArgumentException("window: " + window + " found, must be at least 1");
        }
        this.ring = new byte[window];
    }

    public void add(boolean holds) {
        int slot = (int) (count % ring.length);
        byte bit = (byte) (holds ? 1 : 0);
        heldInRing += bit - (count >= ring.length ? ring[slot] : 0);
        ring[slot] = bit;
        held += bit;
        count++;
    }

    /** Times counted since the start. */
    public long count() {
        return count;
    }

    /** Share since the start; NaN before the first time. */
    public double total() {
        return count == 0 ? Double.NaN : (double) held / count;
    }

    /** Share among the last window; NaN before the first time. */
    public double recent() {
        return count == 0 ? Double.NaN : (double) heldInRing / Math.min(count, ring.length);
    }

    public void write(StateWriter out) {
        out.section(
                SECTION,
                VERSION,
                section -> section.putLong(count).putLong(held).putBytes(ring));
    }

    public void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        count = section.getLong();
        held = section.getLong();
        byte[] saved = section.getBytes();
        if (saved.length != ring.length) {
            throw new StateException(
                    "sliding window: " + saved.length + " times found in the state, " + ring.length + " configured");
        }
        System.arraycopy(saved, 0, ring, 0, ring.length);
        heldInRing = 0;
        for (int slot = 0; slot < Math.min(count, ring.length); slot++) {
            heldInRing += ring[slot];
        }
    }
}
