package dev.reflux.distillation.replay;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.engine.Rng;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Past examples with what was known of them when they came: raw features, visible label, the teacher's soft labels, the
 * learner's own logits. Takes about {@code 4 * capacity * (numeric + tensor values + tokens + 3 * classes)} bytes, in
 * memory and in each snapshot.
 *
 * <p>All that is random comes from a generator that is part of the state.
 */
public final class ReplayMemory {

    private static final String SECTION = "replay";
    private static final int VERSION = 2;

    private final ReplaySpec spec;
    private final InputLayout layout;
    private final int classes;
    private final int categories;
    private final int texts;
    private final int volume;
    private final Entry[] entries;
    private int size;
    private long seen;
    private double credit;
    private Rng rng;

    /**
     * One example; arrays are as the columns of {@link Examples}, of one row.
     *
     * @param number of the example among all that were offered since the memory was last thinned
     * @param tokenEnds per text, index behind its last token
     * @param softLabels {@code [classes]}, NaN where nobody taught
     * @param logits {@code [classes]}: the learner's
     */
    private record Entry(
            long number,
            float[] numeric,
            int[] categories,
            int[] tokenEnds,
            int[] tokens,
            float[] tensors,
            int label,
            float[] softLabels,
            float[] logits) {

        Entry withNumber(long other) {
            return new Entry(other, numeric, categories, tokenEnds, tokens, tensors, label, softLabels, logits);
        }
    }

    /**
     * Examples that come again.
     *
     * @param softLabels {@code [size, classes]}: the teacher's logits of then, NaN where it said nothing
     * @param logits {@code [size, classes]}: the learner's logits of then
     */
    public record Replayed(Examples examples, float[] softLabels, float[] logits) {}

    public ReplayMemory(ReplaySpec spec, InputLayout layout, int classes, long seed) {
        this.spec = spec;
        this.layout = layout;
        this.classes = classes;
        this.categories = layout.categorySizes().size();
        this.texts = layout.textBuckets().size();
        this.volume = layout.tensorVolume();
        this.entries = new Entry[spec.capacity()];
        this.rng = new Rng(seed);
    }

    /** Examples that are remembered now. */
    public int size() {
        return size;
    }

    /**
     * Remembers an example, or not, as the policy has it.
     *
     * @param softLabels {@code [size, classes]} of the whole batch; null where there is no teacher
     * @param logits {@code [size, classes]} of the whole batch
     */
    public void add(Examples examples, int row, float @Nullable [] softLabels, float[] logits) {
        int slot = slot();
        if (slot >= 0) {
            entries[slot] = entry(examples, row, softLabels, logits);
        }
    }

    private int slot() {
        long number = seen++;
        if (size < entries.length) {
            return size++;
        }
        long slot =
                switch (spec.policy()) {
                    case RECENT -> number % entries.length;
                    case RESERVOIR, DARK_EXPERIENCE -> rng.nextLong(number + 1);
                };
        return slot < entries.length ? (int) slot : -1;
    }

    private Entry entry(Examples examples, int row, float @Nullable [] softLabels, float[] logits) {
        float[] numeric = new float[layout.numeric()];
        examples.numeric().get(row * numeric.length, numeric);
        int[] codes = new int[categories];
        examples.categories().get(row * categories, codes);
        int first = examples.tokenOffsets().get(row * texts);
        int[] ends = new int[texts];
        for (int text = 0; text < texts; text++) {
            ends[text] = examples.tokenOffsets().get(row * texts + text + 1) - first;
        }
        int[] tokens = new int[texts == 0 ? 0 : ends[texts - 1]];
        examples.tokens().get(first, tokens);
        float[] tensors = new float[volume];
        examples.tensors().get(row * volume, tensors);
        float[] soft = new float[classes];
        if (softLabels == null) {
            Arrays.fill(soft, Float.NaN);
        } else {
            System.arraycopy(softLabels, row * classes, soft, 0, classes);
        }
        float[] own = Arrays.copyOfRange(logits, row * classes, (row + 1) * classes);
        return new Entry(
                seen - 1,
                numeric,
                codes,
                ends,
                tokens,
                tensors,
                examples.labels().get(row),
                soft,
                own);
    }

    /**
     * Forgets all but the newest share of what is remembered. From then on the memory is as if it had begun with these: a
     * uniform sample is one of what they stand for and of what comes.
     */
    public void keepNewest(double share) {
        if (share >= 1) {
            return;
        }
        int kept = (int) Math.ceil(share * size);
        Entry[] newest = Arrays.copyOf(entries, size);
        Arrays.sort(newest, Comparator.comparingLong(Entry::number));
        Arrays.fill(entries, null);
        for (int i = 0; i < kept; i++) {
            entries[i] = newest[size - kept + i].withNumber(i);
        }
        size = kept;
        seen = kept;
    }

    /** Counts new examples and says how many are to be replayed for them: {@code share} of them, over time exactly. */
    private int due(int newExamples) {
        credit += spec.share() * newExamples;
        int due = (int) credit;
        credit -= due;
        return size == 0 ? 0 : due;
    }

    /**
     * Counts new examples and draws what is due for them.
     *
     * @param rowsPerStep most examples that are replayed together
     * @param replay takes each group in turn
     */
    public void replayFor(int newExamples, int rowsPerStep, Consumer<Replayed> replay) {
        for (int rest = due(newExamples); rest > 0; rest -= rowsPerStep) {
            replay.accept(draw(Math.min(rest, rowsPerStep)));
        }
    }

    /** Draws remembered examples, each as likely as any other, with replacement. */
    public Replayed draw(int count) {
        Entry[] drawn = new Entry[count];
        int tokenCount = 0;
        for (int i = 0; i < count; i++) {
            drawn[i] = entries[rng.nextInt(size)];
            tokenCount += drawn[i].tokens().length;
        }
        float[] numeric = new float[count * layout.numeric()];
        int[] codes = new int[count * categories];
        int[] offsets = new int[count * texts + 1];
        int[] tokens = new int[tokenCount];
        float[] tensors = new float[count * volume];
        int[] labels = new int[count];
        float[] softLabels = new float[count * classes];
        float[] logits = new float[count * classes];
        int token = 0;
        for (int i = 0; i < count; i++) {
            Entry entry = drawn[i];
            put(entry.numeric(), numeric, i);
            System.arraycopy(entry.categories(), 0, codes, i * categories, categories);
            for (int text = 0; text < texts; text++) {
                offsets[i * texts + text + 1] = token + entry.tokenEnds()[text];
            }
            System.arraycopy(entry.tokens(), 0, tokens, token, entry.tokens().length);
            token += entry.tokens().length;
            put(entry.tensors(), tensors, i);
            labels[i] = entry.label();
            put(entry.softLabels(), softLabels, i);
            put(entry.logits(), logits, i);
        }
        IntBuffer classesOfRows = IntBuffer.wrap(labels);
        Examples examples = new Examples(
                layout,
                count,
                FloatBuffer.wrap(numeric),
                IntBuffer.wrap(codes),
                IntBuffer.wrap(offsets),
                IntBuffer.wrap(tokens),
                FloatBuffer.wrap(tensors),
                classesOfRows,
                classesOfRows);
        return new Replayed(examples, softLabels, logits);
    }

    private static void put(float[] row, float[] all, int index) {
        System.arraycopy(row, 0, all, index * row.length, row.length);
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, body -> {
            body.putInt(entries.length)
                    .putInt(size)
                    .putLong(seen)
                    .putDouble(credit)
                    .putLong(rng.state());
            for (int i = 0; i < size; i++) {
                Entry entry = entries[i];
                body.putLong(entry.number())
                        .putFloats(entry.numeric())
                        .putInts(entry.categories())
                        .putInts(entry.tokenEnds())
                        .putInts(entry.tokens())
                        .putFloats(entry.tensors())
                        .putInt(entry.label())
                        .putFloats(entry.softLabels())
                        .putFloats(entry.logits());
            }
        });
    }

    public void read(StateReader in) {
        StateReader body = in.section(SECTION, VERSION);
        int capacity = body.getInt();
        if (capacity != entries.length) {
            throw new StateException("replay.capacity: the state remembers up to " + capacity
                    + " examples, the pipeline asks for " + entries.length + "; keep it, or start from new state");
        }
        size = body.getInt();
        seen = body.getLong();
        credit = body.getDouble();
        rng = new Rng(body.getLong());
        for (int i = 0; i < size; i++) {
            entries[i] = new Entry(
                    body.version() == 1 ? i : body.getLong(), // the first version did not keep their order
                    body.getFloats(),
                    body.getInts(),
                    body.getInts(),
                    body.getInts(),
                    body.getFloats(),
                    body.getInt(),
                    body.getFloats(),
                    body.getFloats());
        }
    }
}
