package dev.reflux.jobs.pipeline.options;

/** A value that is written with its unit and can be held against a range. */
public interface Measured {

    /** The value in its base unit. */
    double measure();

    /** The base unit, for errors: {@code bytes}. */
    String baseUnit();
}
