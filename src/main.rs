//! The program's entry point; [`countersign::program`] is the program.

fn main() -> std::io::Result<countersign::cli::Exit> {
    countersign::program::run()
}
