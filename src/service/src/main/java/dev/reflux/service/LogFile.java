package dev.reflux.service;

/** Where Kafka, Flink and the libraries write what they have to say; the terminal is for the user. */
final class LogFile {
    private LogFile() {}

    /** As in {@code log4j2.xml}. */
    static String path() {
        return System.getProperty("reflux.log", ".reflux/reflux.log");
    }
}
