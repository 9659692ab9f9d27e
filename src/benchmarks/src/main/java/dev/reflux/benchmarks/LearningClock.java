package dev.reflux.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/** Processor time of a thread that learns, and of those that the members of a committee have of their own. */
final class LearningClock {

    /** How the threads of a committee are called. */
    static final String MEMBERS = "reflux-member";

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long start;

    /** Starts in the thread that learns; threads of members that are there already count from now on. */
    LearningClock() {
        start = used();
    }

    /** To be asked in the same thread, before the members' threads end: with them goes what they used. */
    double seconds() {
        return (used() - start) / 1e9;
    }

    private static long used() {
        long[] ids = THREADS.getAllThreadIds();
        ThreadInfo[] infos = THREADS.getThreadInfo(ids);
        long used = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] != null && infos[i].getThreadName().startsWith(MEMBERS)) {
                used += Math.max(0, THREADS.getThreadCpuTime(ids[i]));
            }
        }
        return used;
    }
}
