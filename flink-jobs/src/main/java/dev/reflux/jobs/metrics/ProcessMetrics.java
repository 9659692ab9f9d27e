package dev.reflux.jobs.metrics;

import static dev.reflux.jobs.metrics.MetricKind.COUNTER;
import static dev.reflux.jobs.metrics.MetricKind.GAUGE;
import static dev.reflux.jobs.metrics.MetricKind.TIMER;

import dev.reflux.jobs.metrics.MetricDescription.Dashboard;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the process itself uses: heap, buffers, threads, processor, and with the native memory of tensors in it the
 * resident memory, as the system counts it.
 */
public final class ProcessMetrics implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String LINUX = "on Linux";
    private static final String G1 = "with the G1 collector, after its first concurrent cycle";

    static final List<MetricDescription> DESCRIPTIONS = List.of(
            linux("process.resident.memory", "Memory of the process, heap and native, that is in RAM"),
            linux("process.resident.memory.max", "The most that it ever was"),
            gauge("process.uptime", "seconds", "Time since the process began"),
            gauge("process.start.time", "seconds", "When it began, seconds since 1970"),
            gauge("process.cpu.usage", "", "Share of all processors that it uses, 0 to 1"),
            new MetricDescription(
                    "process.cpu.time", COUNTER, "ns", List.of(), "Processor time used", Dashboard.RUNTIME, ""),
            gauge("process.files.open", "files", "Open files and sockets"),
            gauge("process.files.max", "files", "How many may be open"),
            gauge("system.cpu.count", "", "Processors"),
            gauge("system.cpu.usage", "", "Share of them that all processes use, 0 to 1"),
            gauge("system.load.average.1m", "", "Processes that run or wait for a processor, mean of a minute"),
            gauge("jvm.memory.used", "bytes", "Memory used; area is heap or nonheap, id the pool", "area", "id"),
            gauge("jvm.memory.committed", "bytes", "Memory that the system has granted", "area", "id"),
            gauge("jvm.memory.max", "bytes", "What it may become; -1 where there is no limit", "area", "id"),
            gauge("jvm.buffer.count", "buffers", "Buffers outside of the heap", "id"),
            gauge("jvm.buffer.memory.used", "bytes", "Memory of these", "id"),
            gauge("jvm.buffer.total.capacity", "bytes", "Capacity of these", "id"),
            gauge("jvm.classes.loaded", "classes", "Classes loaded and not unloaded"),
            new MetricDescription(
                    "jvm.classes.loaded.count", COUNTER, "classes", List.of(), "Classes loaded", Dashboard.RUNTIME, ""),
            new MetricDescription(
                    "jvm.classes.unloaded", COUNTER, "classes", List.of(), "Classes unloaded", Dashboard.RUNTIME, ""),
            gauge("jvm.threads.live", "threads", "Threads"),
            gauge("jvm.threads.daemon", "threads", "Those of them that do not keep the process alive"),
            gauge("jvm.threads.peak", "threads", "The most there ever were"),
            gauge("jvm.threads.states", "threads", "Threads by state", "state"),
            new MetricDescription(
                    "jvm.threads.started", COUNTER, "threads", List.of(), "Threads started", Dashboard.RUNTIME, ""),
            new MetricDescription(
                    "jvm.gc.pause",
                    TIMER,
                    "seconds",
                    List.of("action", "cause", "gc"),
                    "Pauses of the garbage collector",
                    Dashboard.RUNTIME,
                    "after the first pause"),
            new MetricDescription(
                    "jvm.gc.concurrent.phase.time",
                    TIMER,
                    "seconds",
                    List.of("action", "cause", "gc"),
                    "Work of the garbage collector beside the program",
                    Dashboard.RUNTIME,
                    G1),
            new MetricDescription(
                    "jvm.gc.memory.allocated",
                    COUNTER,
                    "bytes",
                    List.of(),
                    "Bytes allocated in the heap",
                    Dashboard.RUNTIME,
                    ""),
            new MetricDescription(
                    "jvm.gc.memory.promoted",
                    COUNTER,
                    "bytes",
                    List.of(),
                    "Bytes that outlived the young generation",
                    Dashboard.RUNTIME,
                    ""),
            gauge("jvm.gc.live.data.size", "bytes", "Heap in use after the last full collection"),
            gauge("jvm.gc.max.data.size", "bytes", "What the old generation may become"));

    private final JvmGcMetrics collector;

    /** @param registry gets them for as long as it lives */
    public ProcessMetrics(MeterRegistry registry) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collector = new JvmGcMetrics();
        collector.bindTo(registry);
        if (Files.isReadable(STATUS)) {
            memory(registry, "process.resident.memory", "VmRSS:");
            memory(registry, "process.resident.memory.max", "VmHWM:");
        }
    }

    private static void memory(MeterRegistry registry, String name, String field) {
        Gauge.builder(name, () -> bytes(field)).baseUnit("bytes").register(registry);
    }

    /** The field is in kB, which are 1,024 bytes. */
    private static double bytes(String field) {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(field)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024.0;
                }
            }
            return Double.NaN;
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private static MetricDescription gauge(String name, String unit, String meaning, String... tags) {
        return new MetricDescription(name, GAUGE, unit, List.of(tags), meaning, Dashboard.RUNTIME, "");
    }

    private static MetricDescription linux(String name, String meaning) {
        return new MetricDescription(name, GAUGE, "bytes", List.of(), meaning, Dashboard.RUNTIME, LINUX);
    }

    /** Ends the watch over the garbage collector. */
    @Override
    public void close() {
        collector.close();
    }
}
