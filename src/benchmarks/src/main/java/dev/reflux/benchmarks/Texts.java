package dev.reflux.benchmarks;

import java.util.Locale;

/** Numbers for people, the same in every country. */
public final class Texts {

    private Texts() {}

    public static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** The machine that the figures are of. */
    public static String machine() {
        return format(
                "%s %s, %d cores, %s %s, heap up to %,d MB",
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.name"),
                Runtime.version(),
                Runtime.getRuntime().maxMemory() >> 20);
    }
}
