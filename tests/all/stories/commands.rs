//! Every command of operators, by its words alone, beside a running server.

mod absent_database;
mod audit;
mod beside_server;
mod clients;
mod directory;
mod invitations;
mod operators_page;
mod output;
mod people;
mod slices;
mod tickets;
mod workspaces;
