package dev.reflux.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Processor time of a job's threads, by what they do, from the moment that the teacher's thread appears to its end. It
 * looks at them a few times per second: threads take what they used with them when they end.
 */
public final class ThreadTimes implements AutoCloseable {

    private static final long LOOK_NANOS = 25_000_000;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final com.sun.management.OperatingSystemMXBean system =
            ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    private final Map<Long, Long> before = new HashMap<>();
    private final Map<Long, Long> last = new HashMap<>();
    private final Map<Long, Who> who = new HashMap<>();
    private final Thread watcher = new Thread(this::watch, "benchmark-thread-times");
    private volatile boolean closed;
    private long processBefore = -1;
    private long processLast;

    /** Whose time it is. */
    public enum Who {
        TEACHER("teacher"),
        STUDENT("student"),
        DECODE("source and decoding"),
        FETCHER("Kafka consumer"),
        BROKER("Kafka broker"),
        OTHER("other threads"),
        JVM("GC and JIT");

        final String title;

        Who(String title) {
            this.title = title;
        }

        static Who of(String thread) {
            if (thread.startsWith("teacher") || thread.startsWith(LearningClock.MEMBERS)) {
                return TEACHER;
            }
            if (thread.startsWith("student")) {
                return STUDENT;
            }
            if (thread.startsWith("Source: events")) {
                return DECODE;
            }
            if (thread.startsWith("Source Data Fetcher")) {
                return FETCHER;
            }
            return thread.startsWith("data-plane-kafka") ? BROKER : OTHER;
        }
    }

    ThreadTimes() {
        watcher.setDaemon(true);
        watcher.start();
    }

    private void watch() {
        while (!closed) {
            look();
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private synchronized void look() {
        long process = system.getProcessCpuTime();
        long[] ids = threads.getAllThreadIds();
        ThreadInfo[] infos = threads.getThreadInfo(ids);
        boolean learning = false;
        Map<Long, Long> now = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] == null) {
                continue;
            }
            Who whose = Who.of(infos[i].getThreadName());
            who.put(ids[i], whose);
            learning |= whose == Who.TEACHER;
            now.put(ids[i], Math.max(0, threads.getThreadCpuTime(ids[i])));
        }
        if (!learning) {
            return;
        }
        if (processBefore < 0) {
            processBefore = process;
            before.putAll(now);
        }
        processLast = process;
        last.putAll(now);
    }

    /** Seconds of processor time by kind of thread. */
    synchronized Map<Who, Double> seconds() {
        Map<Who, Double> seconds = new EnumMap<>(Who.class);
        double threadsSum = 0;
        for (Map.Entry<Long, Long> one : last.entrySet()) {
            double used = (one.getValue() - before.getOrDefault(one.getKey(), 0L)) / 1e9;
            threadsSum += used;
            seconds.merge(who.getOrDefault(one.getKey(), Who.OTHER), used, Double::sum);
        }
        seconds.put(Who.JVM, Math.max(0, (processLast - processBefore) / 1e9 - threadsSum));
        return seconds;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(watcher);
    }
}
