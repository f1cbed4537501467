import '../desk/desk-app.js';
