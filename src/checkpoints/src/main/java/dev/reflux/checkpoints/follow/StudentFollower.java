package dev.reflux.checkpoints.follow;

import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.CheckpointFeed;
import dev.reflux.checkpoints.CheckpointFeed.Entry;
import dev.reflux.checkpoints.CheckpointFeed.Published;
import dev.reflux.checkpoints.CheckpointFeed.Rejected;
import dev.reflux.checkpoints.CheckpointReader;
import dev.reflux.checkpoints.CheckpointReader.Start;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.checkpoints.onnx.RawBatch;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * Scores with the newest student that a pipeline has published. A thread of its own follows the topic, from the newest
 * record on; a student that passes every check takes the place of the one before, at once for all threads and between two
 * calls: a batch is always scored by one student, and no call fails or waits because of the change.
 *
 * <p>Whatever is wrong with a record, the student at hand goes on: the record is counted, and each kind of problem logged
 * once until the next good record. The same holds when the brokers cannot be reached.
 *
 * <p>Any number of threads may score at once.
 */
public final class StudentFollower implements AutoCloseable {

    private static final Logger LOG = System.getLogger(StudentFollower.class.getName());
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration WAKE = Duration.ofSeconds(2);

    private final FollowerSettings settings;
    private final Supplier<CheckpointFeed> feeds;
    private final FollowerListener listener;
    private final Clock clock;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch firstStudent = new CountDownLatch(1);
    private final Map<Problem, Long> rejected = new EnumMap<>(Problem.class);
    private final Set<Problem> logged = EnumSet.noneOf(Problem.class);
    private volatile @Nullable CheckpointFeed feed;
    private volatile @Nullable Serving serving;
    private volatile @Nullable String trouble;
    private volatile long taken;

    /** Begins to follow; there may be no student, no topic and no broker yet. */
    public StudentFollower(FollowerSettings settings) {
        this(settings, new FollowerListener() {});
    }

    /** As {@link #StudentFollower(FollowerSettings)}, and tells a listener. */
    public StudentFollower(FollowerSettings settings, FollowerListener listener) {
        this(
                settings,
                listener,
                () -> new CheckpointReader(
                        settings.kafka(),
                        settings.topic(),
                        Optional.of(settings.student()),
                        Start.END,
                        settings.acceptance()),
                Clock.systemUTC());
    }

    StudentFollower(FollowerSettings settings, FollowerListener listener, Supplier<CheckpointFeed> feeds, Clock clock) {
        this.settings = settings;
        this.feeds = feeds;
        this.listener = listener;
        this.clock = clock;
        this.thread = new Thread(this::follow, "reflux-follower-" + settings.student());
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Waits for the first student.
     *
     * @return false when {@code timeout} passed without one; {@link #status} may then say why
     */
    public boolean awaitStudent(Duration timeout) throws InterruptedException {
        return firstStudent.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Scores one event; see {@link #score(List)}.
     *
     * @return predictions of one row
     */
    public Predictions score(Map<String, ?> event) {
        return score(List.of(event));
    }

    /**
     * Scores events, all with the same student.
     *
     * @param events raw values by feature name, as {@link RawBatch#of} takes them; absent or null is missing
     * @throws IllegalStateException before the first student and after {@link #close}
     * @throws IllegalArgumentException naming row and feature when a value has the wrong type
     */
    public Predictions score(List<? extends Map<String, ?>> events) {
        return scoreColumns(inputs -> RawBatch.of(inputs, events));
    }

    /**
     * Scores columns, all with the same student: for those who have them and would only make rows of them again.
     *
     * @param columns makes the batch that a student with these inputs takes; called once, on this thread
     * @throws IllegalStateException before the first student and after {@link #close}
     */
    public Predictions scoreColumns(Function<? super List<InputColumn>, RawBatch> columns) {
        Serving borrowed = borrow();
        try {
            OnnxStudent student = borrowed.student();
            float[] probabilities = student.score(columns.apply(student.inputs()));
            return new Predictions(borrowed.identity(), student.classes(), probabilities);
        } finally {
            borrowed.giveBack();
        }
    }

    private Serving borrow() {
        while (true) {
            Serving found = serving;
            if (found == null) {
                throw new IllegalStateException(
                        closing.getCount() == 0
                                ? "this follower is closed; open another one"
                                : "no student of '" + settings.student() + "' has arrived from " + settings.topic()
                                        + " yet; wait with awaitStudent()"
                                        + (trouble == null ? "" : ", and see to this: " + trouble));
            }
            if (found.borrow()) {
                return found;
            }
            Thread.onSpinWait();
        }
    }

    /** The student at hand, its age, and what has happened so far. */
    public FollowerStatus status() {
        Serving found = serving;
        Optional<FollowedStudent> student = found == null ? Optional.empty() : Optional.of(found.identity());
        Map<Problem, Long> counts;
        synchronized (rejected) {
            counts = new EnumMap<>(Problem.class);
            counts.putAll(rejected);
        }
        return new FollowerStatus(
                student,
                student.map(one -> one.age(clock.instant())).orElse(Duration.ZERO),
                taken,
                counts,
                Optional.ofNullable(trouble));
    }

    /** Ends following and releases the student once the calls under way are done. */
    @Override
    public void close() {
        closing.countDown();
        CheckpointFeed open = feed;
        if (open != null) {
            open.wakeup();
        }
        boolean interrupted = false;
        for (long patience = WAKE.toMillis(); thread.isAlive(); patience = 0) {
            try {
                thread.join(patience);
                // a client that still looks for its brokers cannot be woken
                thread.interrupt();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        Serving last = serving;
        serving = null;
        if (last != null) {
            last.giveBack();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void follow() {
        while (!isClosing()) {
            try (CheckpointFeed open = feeds.get()) {
                feed = open;
                if (!isClosing()) {
                    takeNewest(open);
                }
                while (!isClosing()) {
                    open.poll(POLL).forEach(this::take);
                    trouble = null;
                }
            } catch (WakeupException e) {
                // closing, or the loop goes round once more
            } catch (RuntimeException e) {
                retryLater(String.valueOf(e.getMessage()));
            } finally {
                feed = null;
            }
        }
    }

    /** Several records of the stretch may be good; only the last of them is to serve. */
    private void takeNewest(CheckpointFeed open) {
        Candidate candidate = new Candidate();
        try {
            open.findNewest(candidate::offer);
            if (candidate.newest != null) {
                swap(candidate.newest);
                candidate.newest = null;
            }
        } finally {
            candidate.drop();
        }
    }

    private final class Candidate {

        private @Nullable Serving newest;

        boolean offer(Entry entry) {
            Serving loaded = load(entry, newest == null ? serving : newest);
            if (loaded == null) {
                return false;
            }
            drop();
            newest = loaded;
            return true;
        }

        void drop() {
            if (newest != null) {
                newest.giveBack();
            }
        }
    }

    private void take(Entry entry) {
        Serving loaded = load(entry, serving);
        if (loaded != null) {
            swap(loaded);
        }
    }

    private void swap(Serving next) {
        Serving before = serving;
        if (before != null
                && before.identity().partition() == next.identity().partition()
                && before.identity().offset() == next.identity().offset()) {
            // found again after the topic could not be read for a while
            next.giveBack();
            return;
        }
        serving = next;
        taken++;
        logged.clear();
        firstStudent.countDown();
        if (before != null) {
            before.giveBack();
        }
        listener.taken(next.identity());
    }

    /** @param before student whose place it would take */
    private @Nullable Serving load(Entry entry, @Nullable Serving before) {
        if (entry instanceof Rejected bad) {
            reject(bad);
            return null;
        }
        Published found = (Published) entry;
        try {
            if (before != null) {
                requireNoOldRecord(found, before.identity());
            }
            return new Serving(
                    TrialRun.load(found.checkpoint()),
                    new FollowedStudent(
                            found.checkpoint().manifest(), found.partition(), found.offset(), clock.instant()));
        } catch (CheckpointException e) {
            reject(new Rejected(e.problem(), String.valueOf(e.getMessage()), found.partition(), found.offset()));
            return null;
        }
    }

    /** A signature stays good for ever: without this, whoever may write could bring back any student of the past. */
    private void requireNoOldRecord(Published found, FollowedStudent atHand) {
        Instant created = found.checkpoint().manifest().created();
        if (settings.acceptance().signatures().asksForSignatures()
                && created.isBefore(atHand.manifest().created())) {
            throw new CheckpointException(
                    Problem.SENT_AGAIN,
                    "the record of step " + found.checkpoint().manifest().step() + " was created at " + created
                            + ", before the student at hand ("
                            + atHand.manifest().created()
                            + "): it was sent again; 'reflux rollback' signs an older student anew");
        }
    }

    private void reject(Rejected bad) {
        synchronized (rejected) {
            rejected.merge(bad.problem(), 1L, Long::sum);
        }
        if (logged.add(bad.problem())) {
            LOG.log(
                    Level.WARNING,
                    "{0} {1}/{2}: {3} ({4}). The student at hand goes on; more of the kind are counted, not logged.",
                    settings.topic(),
                    bad.partition(),
                    Long.toString(bad.offset()),
                    bad.message(),
                    bad.problem());
        }
        listener.rejected(bad);
    }

    private void retryLater(String why) {
        if (isClosing()) {
            return;
        }
        if (trouble == null) {
            LOG.log(Level.WARNING, "{0} cannot be read; the student at hand goes on: {1}", settings.topic(), why);
            listener.troubled(why);
        }
        trouble = why;
        try {
            closing.await(RETRY.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // nobody else has this thread; it ends with close()
            LOG.log(Level.DEBUG, "interrupted while waiting to read {0} again", settings.topic());
        }
    }
}
