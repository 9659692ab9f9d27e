package dev.reflux.benchmarks;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The memory of this process at one moment, in bytes; -1 where the system does not tell.
 *
 * @param resident all of the process that is in memory
 * @param anonymous the part of it that is no mapped file: heap, native memory, stacks
 * @param heapCommitted what the heap has taken from the system
 * @param heapLive what the last garbage collection left
 * @param direct direct buffers
 * @param liveArrays the most native arrays that teacher and students had at once since the last sample, a number
 */
record MemorySample(
        long events,
        double seconds,
        long resident,
        long anonymous,
        long heapCommitted,
        long heapLive,
        long direct,
        long liveArrays) {

    private static final Path STATUS = Path.of("/proc/self/status");

    static MemorySample now(long events, double seconds, long liveArrays) {
        return new MemorySample(
                events,
                seconds,
                status("VmRSS:"),
                status("RssAnon:"),
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted(),
                heapAfterCollection(),
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum(),
                liveArrays);
    }

    private static long status(String field) {
        if (!Files.exists(STATUS)) {
            return -1;
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            throw new UncheckedIOException("the process's own memory cannot be read from " + STATUS, e);
        }
    }

    private static long heapAfterCollection() {
        Set<String> heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getName)
                .collect(Collectors.toSet());
        return ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class).stream()
                .map(GarbageCollectorMXBean::getLastGcInfo)
                .filter(info -> info != null)
                .max(Comparator.comparingLong(GcInfo::getEndTime))
                .map(info -> info.getMemoryUsageAfterGc().entrySet().stream()
                        .filter(pool -> heap.contains(pool.getKey()))
                        .mapToLong(pool -> pool.getValue().getUsed())
                        .sum())
                .orElse(-1L);
    }
}
